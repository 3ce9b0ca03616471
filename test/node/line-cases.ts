// Lines of all kinds that a probe can stand on, with what it sees there.

export interface Case {
  readonly name: string;
  /** Exports `f`. */
  readonly source: string;
  readonly line: number;
  /** Default: `m.f(1)`. */
  readonly call?: string;
  readonly test?: readonly string[];
  readonly want: {
    readonly line: number;
    readonly in?: string;
    readonly frame?: number;
    readonly names?: readonly string[];
    readonly hits: readonly object[];
    readonly result?: unknown;
  };
}

export const CASES: readonly Case[] = [
  {
    name: "a statement",
    source: "exports.f = function f(a) {\n  const b = a + 1;\n  return b;\n};",
    line: 3,
    want: { line: 3, in: "f", names: ["a", "b"], hits: [{ a: 1, b: 2 }], result: 2 },
  },
  {
    name: "the declaration itself, whose variable is not there yet",
    source: "exports.f = function f(a) {\n  const b = a + 1;\n  return b;\n};",
    line: 2,
    want: { line: 2, names: ["a"], hits: [{ a: 1 }], result: 2 },
  },
  {
    name: "a blank line: the next statement",
    source: "exports.f = (a) => {\n\n  return a;\n};",
    line: 2,
    want: { line: 3, hits: [{ a: 1 }], result: 1 },
  },
  {
    name: "a comment: the next statement",
    source: "exports.f = (a) => {\n  // nothing\n  /* at\n all */\n  return a;\n};",
    line: 3,
    want: { line: 5, hits: [{ a: 1 }], result: 1 },
  },
  {
    name: "the middle of an expression: the next statement",
    source: "exports.f = (a) => {\n  const b = [\n    a,\n  ];\n  return b[0];\n};",
    line: 3,
    want: { line: 5, hits: [{ a: 1, b: [1] }], result: 1 },
  },
  {
    name: "the head of a function: its first statement",
    source: "function g(a) {\n  const b = a;\n  return b;\n}\nexports.f = g;",
    line: 1,
    want: { line: 2, in: "g", names: ["a"], hits: [{ a: 1 }], result: 1 },
  },
  {
    name: "a branch without braces",
    source: "exports.f = (a) => {\n  if (a)\n    return a;\n  return 0;\n};",
    line: 3,
    want: { line: 3, hits: [{ a: 1 }], result: 1 },
  },
  {
    name: "a branch without braces that is not taken",
    source: "exports.f = (a) => {\n  if (a)\n    return a;\n  return 0;\n};",
    line: 3,
    call: "m.f(0)",
    want: { line: 3, hits: [], result: 0 },
  },
  {
    name: "an else without braces",
    source: "exports.f = (a) => {\n  let r;\n  if (a) r = 1;\n  else r = 2;\n  return r;\n};",
    line: 4,
    call: "[m.f(0), m.f(1)]",
    want: { line: 4, hits: [{ a: 0, r: "undefined" }], result: [2, 1] },
  },
  {
    name: "an else if, which runs only when the first test fails",
    source: "exports.f = (a) => {\n  if (a === 1) return 1;\n  else if (a === 2) return 2;\n  else return 3;\n};",
    line: 3,
    call: "[m.f(1), m.f(2), m.f(3)]",
    want: { line: 3, hits: [{ a: 2 }, { a: 3 }], result: [1, 2, 3] },
  },
  {
    name: "the body of a loop without braces",
    source: "exports.f = (a) => {\n  let s = 0;\n  for (const x of [a, 2])\n    s += x;\n  return s;\n};",
    line: 4,
    want: {
      line: 4,
      names: ["x", "a", "s"],
      hits: [
        { a: 1, s: 0, x: 1 },
        { a: 1, s: 1, x: 2 },
      ],
      result: 3,
    },
  },
  {
    name: "a loop: once, and without its variable",
    source: "exports.f = (a) => {\n  let s = 0;\n  for (let i = 0; i < 3; i++) s += i;\n  return s + a;\n};",
    line: 3,
    want: { line: 3, names: ["a", "s"], hits: [{ a: 1, s: 0 }], result: 4 },
  },
  {
    name: "do without braces or semicolon",
    source: "exports.f = (a) => {\n  do\n    a++\n  while (a < 3)\n  return a\n};",
    line: 3,
    want: { line: 3, hits: [{ a: 1 }, { a: 2 }], result: 3 },
  },
  {
    name: "a case",
    source:
      "exports.f = (a) => {\n  switch (a) {\n    case 0: {\n      return 5;\n    }\n    case 1:\n      let q = 7;\n      return q;\n  }\n};",
    line: 8,
    want: { line: 8, names: ["q", "a"], hits: [{ a: 1, q: 7 }], result: 7 },
  },
  {
    name: "a case, without what another case declares",
    source:
      "exports.f = (a) => {\n  switch (a) {\n    case 0:\n      let q = 7;\n    case 1:\n      return a;\n  }\n};",
    line: 6,
    want: { line: 6, names: ["a"], hits: [{ a: 1 }], result: 1 },
  },
  {
    name: "a loop behind two labels",
    source:
      "exports.f = (a) => {\n  let r = 0;\n  outer:\n  inner:\n  for (const x of [1, 2]) { r += x; if (x === 1) continue outer; if (a) continue inner; }\n  return r;\n};",
    line: 5,
    want: { line: 5, frame: 3, hits: [{ a: 1, r: 0 }], result: 3 },
  },
  {
    name: "a loop behind a label in a branch without braces",
    source:
      "exports.f = (a) => {\n  let r = 0;\n  if (a)\n    outer:\n    for (const x of [1, 2]) { r += x; continue outer; }\n  return r;\n};",
    line: 5,
    call: "[m.f(0), m.f(1)]",
    want: { line: 5, frame: 4, hits: [{ a: 1, r: 0 }], result: [0, 3] },
  },
  {
    name: "a branch without braces and without a semicolon, in front of an else that belongs to another if",
    source:
      "exports.f = (a, b) => {\n  let r = 0\n  if (a)\n    if (b) r = 1\n    else r = 2\n  else r = 3\n  return r\n};",
    line: 4,
    call: "[m.f(0), m.f(1), m.f(1, 1)]",
    want: {
      line: 4,
      hits: [
        { a: 1, b: "undefined", r: 0 },
        { a: 1, b: 1, r: 0 },
      ],
      result: [3, 2, 1],
    },
  },
  {
    name: "a statement behind a branch that it touches",
    source: "exports.f = (a) => {\n  let r = 0;\n  if (a)\n    r = 1;r += 1;\n  return r;\n};",
    line: 4,
    call: "[m.f(0), m.f(1)]",
    want: { line: 4, hits: [{ a: 1, r: 0 }], result: [1, 2] },
  },
  {
    name: "a loop behind a label on a line of its own",
    source:
      "exports.f = (a) => {\n  outer:\n  for (let i = 0; ; i++) {\n    for (;;) { if (a++ > 3) break outer; continue outer; }\n  }\n  return a;\n};",
    line: 3,
    // The text goes in front of the label.
    want: { line: 3, frame: 2, hits: [{ a: 1 }], result: 5 },
  },
  {
    name: "a directive: what comes behind it, and strict code stays strict",
    source: 'exports.f = function (a) {\n  "use strict";\n  return this === undefined ? a : "sloppy";\n};',
    line: 2,
    call: "(0, m.f)(1)",
    want: { line: 3, names: ["this", "a"], hits: [{ a: 1, this: "undefined" }], result: 1 },
  },
  {
    name: "the expression of an arrow function",
    source: "exports.f = (a) => [a, 2].map(\n  (x) =>\n    x * 2);",
    line: 3,
    want: { line: 3, names: ["x"], hits: [{ x: 1 }, { x: 2 }], result: [2, 4] },
  },
  {
    name: "an arrow function in a chain",
    source: "exports.f = (a) => {\n  return [a, 2]\n    .filter((x) => x > 1)\n    .map((y) => ({ y }));\n};",
    line: 4,
    want: { line: 4, names: ["y"], hits: [{ y: 2 }], result: [{ y: 2 }] },
  },
  {
    name: "an async arrow function with an expression",
    source: "exports.f = async (a) =>\n  (await a) + 1;",
    line: 2,
    call: "await m.f(1)",
    want: { line: 2, in: "f", hits: [{ a: 1 }], result: 2 },
  },
  {
    name: "the first of several statements",
    source: "exports.f = (a) => {\n  a++; a *= 2; return a;\n};",
    line: 2,
    want: { line: 2, hits: [{ a: 1 }], result: 4 },
  },
  {
    name: "a statement behind a brace in the middle of the line",
    source: "exports.f = (a) => {\n  if (!a) {\n    a = 5;\n  } else { a = 6; }\n  return a;\n};",
    line: 4,
    want: { line: 4, hits: [{ a: 1 }], result: 6 },
  },
  {
    name: "a function on one line",
    source: "exports.f = function f(a) {a()}\n",
    line: 1,
    call: "m.f(() => 4)",
    want: { line: 1, in: "", hits: [], result: undefined },
  },
  {
    name: "a method on one line",
    source:
      "exports.f = (a) => new C(a).get;\nclass C {\n  constructor(v) {this.v = v}\n  get get() {return this.v}\n}",
    line: 4,
    want: { line: 4, in: "get", names: ["this"], hits: [{ this: "object C" }], result: 1 },
  },
  {
    name: "code without semicolons",
    source: "exports.f = (a) => {\n  let b = a\n  ;[1].forEach(() => { b++ })\n  b += 1\n  return b\n}",
    line: 4,
    want: { line: 4, hits: [{ a: 1, b: 2 }], result: 3 },
  },
  {
    name: "a line after a template literal of several lines",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the source of a program
    source: "exports.f = (a) => {\n  const t = `x\n${a}\n  y`;\n  return t.length;\n};",
    line: 5,
    want: { line: 5, names: ["a", "t"], hits: [{ a: 1, t: "x\n1\n  y" }], result: 7 },
  },
  {
    name: "a template literal that holds a function",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the source of a program
    source: "exports.f = (a) => `x\n${(() => {\n  return a;\n})()}`;",
    line: 3,
    want: { line: 3, names: ["a"], hits: [{ a: 1 }], result: "x\n1" },
  },
  {
    name: "destructured and default parameters, catch",
    source:
      "exports.f = ({ a, ...rest }, [b], c = 3, ...d) => {\n  try { throw new Error('x'); } catch ({ message }) {\n    return a + b + c;\n  }\n};",
    line: 3,
    call: "m.f({ a: 1, z: 0 }, [2])",
    want: {
      line: 3,
      names: ["message", "a", "rest", "b", "c", "d"],
      hits: [{ a: 1, rest: "object Object", b: 2, c: 3, d: [], message: "x" }],
      result: 6,
    },
  },
  {
    name: "closure variables that the function uses, and no others",
    source:
      "let used = 1, unused = 2;\nexports.f = (a) => {\n  const b = a + used;\n  return b;\n};\nexports.unused = unused;",
    line: 4,
    want: { line: 4, names: ["a", "b", "used"], hits: [{ a: 1, b: 2, used: 1 }], result: 2 },
  },
  {
    name: "a closure variable that is not initialised yet",
    source:
      "const early = (a) => {\n  if (a) return 1;\n  return late;\n};\nexports.early = early;\nexports.f = () => { const inner = () => {\n    if (exports.f.done) return tdz;\n    return 0;\n  };\n  inner();\n  let tdz = 5;\n  exports.f.done = true;\n  return inner();\n};\nlet late = 2;",
    line: 7,
    test: ["tdz"],
    want: { line: 7, names: ["tdz"], hits: [{ tdz: "Symbol(unavailable)" }, { tdz: 5 }], result: 5 },
  },
  {
    name: "a shadowed variable that is not there yet hides the outer one",
    source:
      "const a = 9;\nexports.f = (b) => {\n  {\n    b++;\n    const a = 1;\n    b += a;\n  }\n  return b + a;\n};",
    line: 4,
    want: { line: 4, names: ["b"], hits: [{ b: 1 }], result: 12 },
  },
  {
    name: "a derived constructor before super()",
    source:
      "class A {}\nclass B extends A {\n  constructor(a) {\n    const b = a;\n    super();\n    this.b = b;\n  }\n}\nexports.f = (a) => new B(a).b;",
    line: 5,
    want: { line: 5, names: ["this", "a", "b"], hits: [{ this: "Symbol(unavailable)", a: 1, b: 1 }], result: 1 },
  },
  {
    name: "a derived constructor behind super()",
    source:
      "class A {}\nclass B extends A {\n  constructor(a) {\n    super();\n    this.b = a;\n  }\n}\nexports.f = (a) => new B(a).b;",
    line: 5,
    want: { line: 5, names: ["this", "a"], hits: [{ this: "object B", a: 1 }], result: 1 },
  },
  {
    name: "an arrow function that uses the `this` of its method",
    source:
      "class A { constructor() { this.k = 5; }\n  m(a) { return [a].map((x) => {\n      return x + this.k;\n    })[0]; }\n}\nexports.f = (a) => new A().m(a);",
    line: 3,
    want: { line: 3, names: ["this", "x"], hits: [{ this: "object A", x: 1 }], result: 6 },
  },
  {
    name: "an arrow function that does not use it",
    source:
      "class A { m(a) { return [a].map((x) => {\n      return x;\n    })[0]; }\n}\nexports.f = (a) => new A().m(a);",
    line: 2,
    want: { line: 2, names: ["x"], hits: [{ x: 1 }], result: 1 },
  },
  {
    name: "a function in a class field, and a private method",
    source:
      "class A {\n  #k = 2;\n  g = (x) => {\n    return this.#h(x);\n  };\n  #h(x) {\n    return x + this.#k;\n  }\n}\nconst it = new A();\nexports.f = (a) => it.g(a);",
    line: 7,
    want: { line: 7, in: "#h", names: ["this", "x"], hits: [{ this: "object A", x: 1 }], result: 3 },
  },
  {
    name: "a function in a default value does not see the body",
    source: "exports.f = (a, g = () => {\n  return a;\n}) => {\n  var b = 5;\n  return g() + b;\n};",
    line: 2,
    want: { line: 2, names: ["a"], hits: [{ a: 1 }], result: 6 },
  },
  {
    name: "a generator",
    source: "function* g(a) {\n  const b = a * 2;\n  yield b;\n  return 3;\n}\nexports.f = (a) => [...g(a)];",
    line: 3,
    want: { line: 3, in: "g", names: ["a", "b"], hits: [{ a: 1, b: 2 }], result: [2] },
  },
  {
    name: "code with eval",
    source: "exports.f = function (a) {\n  eval('var b = 4');\n  return a + b;\n};",
    line: 3,
    want: { line: 3, names: ["a"], hits: [{ a: 1 }], result: 5 },
  },
  {
    name: "nested functions of the same name",
    source:
      "exports.f = (a) => {\n  const g = (a) => {\n    const b = a + 1;\n    return b;\n  };\n  return g(a + 10);\n};",
    line: 4,
    want: { line: 4, in: "g", names: ["a", "b"], hits: [{ a: 11, b: 12 }], result: 12 },
  },
];
