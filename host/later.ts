// What a hit puts off until the program's stack is gone: sending its event, and whatever changes the probe. Bounded in memory,
// never run from within a hit, but for events of a program that does not come back to its event loop.
import type { Clock } from "./clock.ts";
import type { Fence } from "./fence.ts";
import type { Probe } from "./probe.ts";
import type { ProbeEvent } from "./protocol.ts";

/** An event on its way from the hit to the transport. `fired`: it is that of a fired hit, and its loss counts. */
export interface Outgoing {
  readonly probe: Probe;
  readonly event: ProbeEvent;
  readonly fired: boolean;
}

/** Events held back at most, of up to 64 KiB each; the next one sends them all, although in a hit. */
const MAX_OUTGOING = 100;

/** Events and work of the hits since the last turn of the event loop. */
export class Later {
  readonly #clock: Clock;
  readonly #fence: Fence;
  readonly #send: (outgoing: Outgoing) => void;
  #outgoing: Outgoing[] = [];
  #work: (() => void)[] = [];
  #isPlanned = false;

  constructor(clock: Clock, fence: Fence, send: (outgoing: Outgoing) => void) {
    this.#clock = clock;
    this.#fence = fence;
    this.#send = send;
  }

  /** Sends an event soon. */
  send(outgoing: Outgoing): void {
    if (this.#outgoing.push(outgoing) >= MAX_OUTGOING) this.sendAll();
    this.#plan();
  }

  /** Does work soon, after the events so far. */
  note(work: () => void): void {
    this.#work.push(work);
    this.#plan();
  }

  /** Does at once what is put off. */
  settle(): void {
    this.#isPlanned = false;
    this.sendAll();
    const all = this.#work;
    this.#work = [];
    for (const work of all) this.#fence.run("hit", work);
  }

  /** Sends the events so far: a status that speaks of them comes after them. */
  sendAll(): void {
    const all = this.#outgoing;
    this.#outgoing = [];
    for (const outgoing of all) this.#fence.run("event", () => this.#send(outgoing));
  }

  #plan(): void {
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    this.#fence.run("hit", () => this.#clock.soon(() => this.settle()));
  }
}
