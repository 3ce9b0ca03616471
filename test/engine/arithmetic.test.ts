import { beforeEach, describe, expect, it } from "vitest";
import { ERR_REDACTED, ERR_TRUNCATED } from "../../engine/abi.ts";
import {
  big,
  bool,
  bytes,
  double,
  duration,
  engine,
  failed,
  int,
  list,
  make,
  map,
  NODE,
  nil,
  reset,
  set,
  show,
  str,
  timestamp,
  uint,
  type Value,
} from "./guest.ts";

beforeEach(() => reset());

type Operation = "add" | "sub" | "mul" | "div" | "mod";
const SIGNS: Record<string, Operation> = { "+": "add", "-": "sub", "*": "mul", "/": "div", "%": "mod" };
const run = (a: Value, sign: string, b: Value): string => show(engine[SIGNS[sign]!](make(a), make(b), NODE));

const MAX = 2n ** 63n - 1n;
const MIN = -(2n ** 63n);
const UMAX = 2n ** 64n - 1n;
const O = "overflow@7";
const Z = "divide_by_zero@7";
const N = "no_such_overload@7";

describe("whole numbers", () => {
  const EDGES = [
    0n,
    1n,
    -1n,
    2n,
    3n,
    -7n,
    1000003n,
    2n ** 31n,
    2n ** 32n,
    -(2n ** 32n),
    MAX,
    MAX - 1n,
    MIN,
    MIN + 1n,
    2n ** 63n,
    UMAX,
    UMAX - 1n,
  ];
  const kinds = (value: bigint): [string, Value][] => [
    ...(BigInt.asIntN(64, value) === value ? ([["int", int(value)]] as [string, Value][]) : []),
    ...(BigInt.asUintN(64, value) === value ? ([["uint", uint(value)]] as [string, Value][]) : []),
  ];
  const exact: Record<string, (x: bigint, y: bigint) => bigint> = {
    "+": (x, y) => x + y,
    "-": (x, y) => x - y,
    "*": (x, y) => x * y,
    "/": (x, y) => x / y,
    "%": (x, y) => x % y,
  };

  it("gives the exact result or overflow, for int, uint and the two mixed", () => {
    for (const sign of Object.keys(exact)) {
      for (const x of EDGES) {
        for (const y of EDGES) {
          for (const [kindX, a] of kinds(x)) {
            for (const [kindY, b] of kinds(y)) {
              reset();
              const unsigned = kindX === "uint" && kindY === "uint";
              let want = Z;
              if (y !== 0n || (sign !== "/" && sign !== "%")) {
                const result = exact[sign]!(x, y);
                const fits = unsigned ? BigInt.asUintN(64, result) === result : BigInt.asIntN(64, result) === result;
                want = fits ? `${result}${unsigned ? "u" : ""}` : O;
              }
              expect(run(a, sign, b), `${kindX} ${x} ${sign} ${kindY} ${y}`).toBe(want);
            }
          }
        }
      }
    }
  });
});

describe("every other overload", () => {
  it.each<[Value, string, Value, string]>([
    [double(1.5), "+", double(1), "2.5d"],
    [double(1.5), "+", int(1), "2.5d"],
    [uint(2), "*", double(1.5), "3d"],
    [int(1), "/", double(2), "0.5d"],
    [int(1), "/", double(0), "Infinityd"],
    [double(-1), "/", double(0), "-Infinityd"],
    [double(0), "/", double(0), "NaNd"],
    [double(-0), "*", int(1), "-0d"],
    [uint(UMAX), "-", double(0), "18446744073709552000d"],
    [double(7), "%", int(2), "1d"],
    [double(-7), "%", double(2), "-1d"],
    [int(-7), "%", double(2), "-1d"],
    [double(-4), "%", int(2), "0d"],
    [uint(UMAX), "%", double(10), "5d"],
    [double(2 ** 53), "%", int(10), "2d"],
    [double(2 ** 53 + 2), "%", int(10), N],
    [double(47.5), "%", double(5.5), N],
    [double(7), "%", double(0), Z],
    [double(NaN), "%", int(2), N],
    [double(Infinity), "%", int(2), N],
    [big("1e30"), "+", int(1), O],
    [int(1), "-", big("1e30"), O],
    [big("1e30"), "%", double(1.5), O],
    [big("1e30"), "+", str("a"), N],
    [str("ab"), "+", str("cé"), '"abcé"'],
    [str(""), "+", str("a"), '"a"'],
    [str("a"), "+", str(""), '"a"'],
    [bytes("a"), "+", bytes("b"), "b6162"],
    [str("ab", true), "+", str("c"), '"ab..."'],
    [str("ab"), "+", str("c", true), '"abc..."'],
    [str("ab"), "+", str("", true), '"ab..."'],
    [list([int(1)]), "+", list([str("a")]), '[1, "a"]'],
    [list([]), "+", list([]), "[]"],
    [set([int(1)]), "+", list([int(2)]), "[1, 2]"],
    [list([int(1)], 3), "+", list([int(2)]), "[1...]/4"],
    [list([int(1)]), "+", list([int(2)], 5), "[1, 2...]/6"],
    [str("a"), "-", str("a"), N],
    [str("a"), "+", bytes("a"), N],
    [str("a"), "+", int(1), N],
    [int(1), "+", str("a"), N],
    [bool(true), "+", bool(true), N],
    [nil, "+", nil, N],
    [list([]), "*", int(2), N],
    [map([]), "+", map([]), N],
    [list([]), "-", list([]), N],
    [duration(5), "+", duration(-7), "for -2"],
    [duration(5), "-", duration(7), "for -2"],
    [duration(MAX), "+", duration(1), O],
    [duration(MIN), "-", duration(1), O],
    [duration(-1), "-", duration(MIN), `for ${MAX}`],
    [duration(0), "-", duration(MIN), O],
    [timestamp(10, 5), "+", duration(-6), "at 9.999999999"],
    [duration(1_999_999_999n), "+", timestamp(0, 1), "at 2.0"],
    [timestamp(0), "-", duration(1), "at -1.999999999"],
    [timestamp(0), "-", duration(MIN), "at 9223372036.854775808"],
    [timestamp(5, 3), "-", timestamp(4, 4), "for 999999999"],
    [timestamp(4, 4), "-", timestamp(5, 3), "for -999999999"],
    [timestamp(9223372036, 854775807), "-", timestamp(0), `for ${MAX}`],
    [timestamp(9223372036, 854775808), "-", timestamp(0), O],
    [timestamp(-9223372037, 145224192), "-", timestamp(0), `for ${MIN}`],
    [timestamp(-9223372037, 145224191), "-", timestamp(0), O],
    [timestamp(253402300799, 999999999), "-", timestamp(-62135596800), O],
    [timestamp(253402300799, 999999999), "+", duration(1), O],
    [timestamp(-62135596800), "-", duration(1), O],
    [timestamp(-62135596800, 1), "-", duration(1), "at -62135596800.0"],
    [duration(1), "-", timestamp(1), N],
    [timestamp(1), "+", timestamp(1), N],
    [timestamp(1), "*", duration(1), N],
    [timestamp(1), "+", int(1), N],
  ])("%s %s %s is %s", (a, sign, b, want) => {
    expect(run(a, sign, b)).toBe(want);
  });

  it.each<[Value, string]>([
    [int(5), "-5"],
    [int(MIN), O],
    [int(MAX), `-${MAX}`],
    [double(0), "-0d"],
    [double(NaN), "NaNd"],
    [uint(42), N],
    [big("1e30"), O],
    [str("a"), N],
    [duration(1), N],
    [nil, N],
    [failed(ERR_REDACTED), "redacted@7"],
    [failed(ERR_REDACTED, 2), "redacted@2"],
  ])("-%s is %s", (a, want) => {
    expect(show(engine.neg(make(a), NODE))).toBe(want);
  });

  it("lets the left error win in every operation", () => {
    for (const sign of Object.keys(SIGNS)) {
      expect(run(failed(ERR_REDACTED, 2), sign, failed(ERR_TRUNCATED, 3))).toBe("redacted@2");
      expect(run(nil, sign, failed(ERR_TRUNCATED, 3))).toBe("truncated@3");
      expect(run(int(1), sign, failed(ERR_TRUNCATED))).toBe("truncated@7");
    }
  });
});
