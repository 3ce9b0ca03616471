// What a hit puts off until the program's stack is gone: making its event ready and sending it, and whatever changes the probe. What
// waits is raw data that the program cannot change any more. Bounded in memory; takes the event loop for a slice of time only.
import type { Clock } from "./clock.ts";
import type { Fence } from "./fence.ts";
import { HOST_LIMITS } from "./limits.ts";
import { blank } from "./natives.ts";
import type { Probe } from "./probe.ts";
import type { ProbeEvent } from "./protocol.ts";

/** An event on its way from the hit to the transport. `fired`: it is that of a fired hit, and its loss counts. */
export interface Outgoing {
  readonly probe: Probe;
  readonly event: ProbeEvent;
  readonly fired: boolean;
}

/** Events and work of the hits since the last turn of the event loop. */
export class Later {
  readonly #clock: Clock;
  readonly #fence: Fence;
  readonly #send: (outgoing: Outgoing) => void;
  /** A ring whose places are there from the start: adding to it asks nothing that the program may have put on arrays. */
  readonly #ring = blank(HOST_LIMITS.heldEvents) as (Outgoing | undefined)[];
  #first = 0;
  #count = 0;
  #work: (() => void)[] = [];
  #isPlanned = false;

  constructor(clock: Clock, fence: Fence, send: (outgoing: Outgoing) => void) {
    this.#clock = clock;
    this.#fence = fence;
    this.#send = send;
  }

  /** Sends an event soon. Of a program that does not come back to its event loop, one hit pays for the oldest event. */
  send(outgoing: Outgoing): void {
    if (this.#count === this.#ring.length) this.#sendFirst();
    this.#ring[(this.#first + this.#count++) % this.#ring.length] = outgoing;
    this.#plan();
  }

  /** Does work soon, after the events so far. */
  note(work: () => void): void {
    this.#work[this.#work.length] = work;
    this.#plan();
  }

  /** Does at once what is put off. */
  settle(): void {
    this.sendAll();
    const all = this.#work;
    this.#work = [];
    for (const work of all) this.#fence.run("hit", work);
  }

  /** Sends the events so far: a status that speaks of them comes after them. */
  sendAll(): void {
    while (this.#count > 0) this.#sendFirst();
  }

  /** One turn of the event loop. What does not fit into it waits for the next one. */
  #turn(): void {
    this.#isPlanned = false;
    const endMs = this.#clock.steadyMs() + HOST_LIMITS.sendSliceMs;
    while (this.#count > 0) {
      this.#sendFirst();
      if (this.#count > 0 && this.#clock.steadyMs() >= endMs) return this.#plan();
    }
    this.settle();
  }

  #sendFirst(): void {
    const outgoing = this.#ring[this.#first]!;
    this.#ring[this.#first] = undefined;
    this.#first = (this.#first + 1) % this.#ring.length;
    this.#count--;
    this.#fence.run("event", () => this.#send(outgoing));
  }

  #plan(): void {
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    this.#fence.run("hit", () => this.#clock.soon(() => this.#turn()));
  }
}
