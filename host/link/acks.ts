// Which events of a linked program are done with. The broker acknowledges by event and may refuse one in the middle; the program is told
// one number, up to which it need not keep anything.

interface Pending {
  readonly seq: number;
  readonly eventId: string;
  done: boolean;
}

/** The events of one connection that are on their way. */
export class Acks {
  readonly #send: (seq: number) => void;
  #pending: Pending[] = [];

  /** `send` tells the program. */
  constructor(send: (seq: number) => void) {
    this.#send = send;
  }

  /** An event has come. */
  add(seq: number, eventId: string): void {
    this.#pending.push({ seq, eventId, done: false });
  }

  /** The broker has stored this event and all before it. One that is not known has been told of already. */
  stored(eventId: string): void {
    const last = this.#pending.findIndex((event) => event.eventId === eventId);
    for (let i = 0; i <= last; i++) (this.#pending[i] as Pending).done = true;
    this.#advance();
  }

  /** The broker will never store this event. */
  refused(eventId: string): void {
    this.#finish((event) => event.eventId === eventId);
  }

  /** The event goes no further. */
  lost(seq: number): void {
    this.#finish((event) => event.seq === seq);
  }

  #finish(is: (event: Pending) => boolean): void {
    const event = this.#pending.find(is);
    if (event !== undefined) event.done = true;
    this.#advance();
  }

  #advance(): void {
    let count = 0;
    while (this.#pending[count]?.done) count++;
    if (count === 0) return;
    const { seq } = this.#pending[count - 1] as Pending;
    this.#pending = this.#pending.slice(count);
    this.#send(seq);
  }
}
