// What the checker refuses of times, numbers and types while a probe is installed: the whole text that a person sees.
import { describe, expect, it } from "vitest";
import { CompileError, compileCondition, compileTemplate, compileValue } from "../../conditions/index.ts";

const CASES: readonly string[] = [
  `conversion: \`2024-02-30T00:00:00Z\` is no RFC 3339 timestamp
x > timestamp('2024-02-30T00:00:00Z')
              ^~~~~~~~~~~~~~~~~~~~~~
Write it as in \`2024-05-17T13:45:30.5Z\` or \`2024-05-17T15:45:30+02:00\`.`,
  `overflow: \`0000-01-01T00:00:00Z\` is out of range
timestamp('0000-01-01T00:00:00Z') < x
          ^~~~~~~~~~~~~~~~~~~~~~
Timestamps go from year 1 to year 9999, in UTC.`,
  `conversion: \`yesterday\` is no RFC 3339 timestamp
x > timestamp("yesterday")
              ^~~~~~~~~~~
Write it as in \`2024-05-17T13:45:30.5Z\` or \`2024-05-17T15:45:30+02:00\`.`,
  `no_such_overload: \`timestamp\` has no meaning for bool
timestamp(true) == x
          ^~~~
Write a text, as in \`timestamp("2024-05-17T13:45:30Z")\`, or seconds since 1970.`,
  `conversion: \`5 minutes\` is no duration
x > duration('5 minutes')
             ^~~~~~~~~~~
Write numbers with the units \`h m s ms us ns\`, as in \`1h34m5.5s\`.`,
  `overflow: \`300000000000s\` is out of range
x > duration('300000000000s')
             ^~~~~~~~~~~~~~~
Durations go up to about 292 years, 2562047h.`,
  `no_such_overload: \`duration\` has no meaning for int
duration(5) < x
         ^
Write the unit in a text, as in \`duration("5s")\`.`,
  `invalid_argument: there is no time zone \`Europe/Atlantis\`
x.getHours('Europe/Atlantis') > 3
           ^~~~~~~~~~~~~~~~~
Write a name such as \`"Europe/Berlin"\` or \`"UTC"\`, or an offset such as \`"+02:00"\`.`,
  `no_such_overload: a time zone is a text, not int
x.getHours(2) > 3
           ^
Write a name such as \`"Europe/Berlin"\` or \`"UTC"\`, or an offset such as \`"+02:00"\`.`,
  `no_such_overload: a duration has no time zone
duration('1s').getHours('UTC') > 3
                        ^~~~~
Write \`getHours()\`.`,
  `no_such_overload: duration has no \`getFullYear\`
duration('1s').getFullYear() > 3
               ^~~~~~~~~~~
A duration has getHours, getMinutes, getSeconds, getMilliseconds.`,
  `no_such_overload: string has no \`getDate\`
'a'.getDate() == 1
    ^~~~~~~
Convert first, as in \`timestamp(x).getDate()\`.`,
  `no_such_overload: method \`getHours\` takes 0 to 1 argument(s), not 2
x.getHours('a','b') == 1
^~~~~~~~~~~~~~~~~~~
Change the number of arguments.`,
  `no_such_overload: \`math.ceil\` has no meaning for int
math.ceil(1) == x
          ^
Leave the call away: this number is whole and finite.`,
  `no_such_overload: \`math.ceil\` has no meaning for string
math.ceil('1') == x
          ^~~
Write a value of type double, or convert, as in \`double(x)\`.`,
  `no_such_overload: \`math.abs\` has no meaning for string
math.abs('1') == x
         ^~~
Write a value of type int, uint, double, or convert, as in \`double(x)\`.`,
  `no_such_overload: \`math.greatest\` has no meaning for string
math.greatest('a', x) == 1
              ^~~
Write a value of type int, uint, double, or convert, as in \`double(x)\`.`,
  `invalid_argument: an empty list has no greatest element
math.greatest([]) == x
^~~~~~~~~~~~~~~~~
Test its size first.`,
  `no_such_overload: method \`math.greatest\` takes 1 to 64 argument(s), not 0
math.greatest() == x
^~~~~~~~~~~~~~~
Change the number of arguments.`,
  `no_such_overload: \`math.bitAnd\` takes two ints or two uints
math.bitAnd(1, 2u) == x
               ^~
Make both uints with a \`u\` at the end, or convert one, as in \`int(x)\`.`,
  `no_such_overload: \`math.bitAnd\` takes whole numbers
math.bitAnd(1.5, x) == 1
            ^~~
Write a whole number.`,
  `no_such_overload: \`math.bitAnd\` has no meaning for string
math.bitAnd('a', x) == 1
            ^~~
Write a value of type int, uint, double, or convert, as in \`double(x)\`.`,
  `invalid_argument: a shift cannot be negative
math.bitShiftLeft(1, -1) == x
                     ^~
Shift the other way.`,
  `no_such_overload: a shift is counted in an int
math.bitShiftLeft(1, 1u) == x
                     ^~
Remove the \`u\`, or convert with \`int(x)\`.`,
  `no_such_overload: \`+\` has no meaning for timestamp and timestamp
timestamp(0) + timestamp(1) == x
^~~~~~~~~~~~~~~~~~~~~~~~~~~
Add a duration to a time or take it away; two timestamps can be subtracted and compared, as can two durations.`,
  `no_such_overload: \`+\` has no meaning for timestamp and int
timestamp(0) + 5 == x
^~~~~~~~~~~~~~~~
Write the number as a duration, such as \`duration("5s")\`, or make the time a number: \`int(t)\`, \`d.getSeconds()\`.`,
  `no_such_overload: \`*\` has no meaning for duration and int
duration('1s') * 2 == x
^~~~~~~~~~~~~~~~~~
Write the number as a duration, such as \`duration("5s")\`, or make the time a number: \`int(t)\`, \`d.getSeconds()\`.`,
  `no_such_overload: \`<\` cannot order timestamp and duration
timestamp(0) < duration('1s')
^~~~~~~~~~~~~~~~~~~~~~~~~~~~~
Add a duration to a time or take it away; two timestamps can be subtracted and compared, as can two durations.`,
  `no_such_overload: \`-\` has no meaning for duration and timestamp
duration('1s') - timestamp(0) == x
^~~~~~~~~~~~~~~~~~~~~~~~~~~~~
Add a duration to a time or take it away; two timestamps can be subtracted and compared, as can two durations.`,
  `no_such_overload: \`-\` has no meaning for duration
-duration('1s') == x
^~~~~~~~~~~~~~~
Use it on an int or a double.`,
  `no_such_overload: \`<\` cannot order type and type
type(x) < int
^~~~~~~~~~~~~
Compare two numbers, two texts or two booleans.`,
  `no_such_overload: \`+\` has no meaning for type and int
type(x) + 1 == y
^~~~~~~~~~~
Convert first: \`string(x) + …\`, or \`double(x) + …\`.`,
  `no_such_overload: function \`type\` takes 1 argument(s), not 0
type() == x
^~~~~~
Change the number of arguments.`,
  `no_such_overload: \`>\` cannot order duration and int
duration('1s') > 5
^~~~~~~~~~~~~~~~~~
Write the number as a duration, such as \`duration("5s")\`, or make the time a number: \`int(t)\`, \`d.getSeconds()\`.`,
];

function refusal(compile: (source: string) => unknown, source: string): string {
  try {
    compile(source);
  } catch (error) {
    if (error instanceof CompileError) return String(error);
    throw error;
  }
  return "compiled";
}

describe("what can never work is refused, and said why", () => {
  it.each(CASES.map((text) => [text.split("\n")[1] as string, text] as const))("%s", (source, text) => {
    expect(refusal(compileCondition, source)).toBe(text);
    expect(refusal(compileTemplate, `{{${source}}}`)).not.toBe("compiled");
    // Away from a probe it is an error when it is reached, which an operator may absorb.
    expect(refusal(compileValue, source)).toBe("compiled");
    expect(refusal(compileValue, `true || (${source})`)).toBe("compiled");
  });
});

describe("what may work is left to the hit", () => {
  it.each([
    "timestamp(x) < y",
    "x > duration(y)",
    "x.getHours(y) > 3",
    "timestamp(x.y).getHours(z.zone) == 3",
    "math.ceil(x) == math.abs(y)",
    "math.greatest(x, 1, 2.5) > 3u",
    "math.bitAnd(x, 4) != 0",
    "math.bitAnd(4.0, x) != 0",
    "type(x) == int || type(x) in [double, uint]",
    "type(x) == google.protobuf.Timestamp",
    "list.size() + map.a + type > int",
    "x == google.protobuf.Any",
  ])("%s", (source) => {
    expect(refusal(compileCondition, source)).toBe("compiled");
  });

  it("reads what may be a variable, and a type only beside `type()`", () => {
    const roots = (source: string): readonly (string | number)[] =>
      compileCondition(source).projection.roots.map(({ key }) => key);
    expect(roots("type(x) == int")).toEqual(["x"]);
    expect(roots("type(x) in [int, y]")).toEqual(["x", "y"]);
    expect(roots("list == type")).toEqual(["list", "type"]);
    expect(roots("type(list) == list")).toEqual(["list"]);
    expect(roots("x == google.protobuf.Duration")).toEqual(["x"]);
    const declared = new Set(["list", "google"]);
    const known = compileCondition("type(list) == list || int == google.protobuf.Duration", { declared });
    expect(known.projection.roots.map(({ key }) => key)).toEqual(["list", "google"]);
  });
});
