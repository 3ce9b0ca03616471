// A hot loop to put a probe into. The probed line is marked; it is reached once for each round.
"use strict";

let last = 0;

function work(n) {
  let total = 0;
  for (let i = 0; i < n; i++) {
    total += i & 7;
    last = total; // probed
  }
  return total;
}

/** The same again, never probed: shows what the machine does meanwhile. */
function control(n) {
  let total = 0;
  for (let i = 0; i < n; i++) {
    total += i & 7;
    last = total;
  }
  return total;
}

module.exports = { work, control, last: () => last };
