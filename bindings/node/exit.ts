// The end of the program: sends what waits, and never holds the program up for longer than one limit.
//
//   the event loop runs dry   up to HOST_LIMITS.flushMs, until the broker has everything
//   process.exit(), a crash   only what the socket takes at once: nothing can be awaited any more
//   a signal without handler  nothing: no code of ours runs
import { HOST_LIMITS } from "../../host/index.ts";

/** What is flushed. */
export interface Flushable {
  flush(timeoutMs: number): Promise<void>;
}

/** Flushes at the end of this program or worker thread. Returns a function that ends that. */
export function flushAtExit(agent: Flushable): () => void {
  // A flush brings the event loop back to life and `beforeExit` with it. All of them together get the time of one, else a broker
  // that does not answer would hold the program up for ever.
  let leftMs = HOST_LIMITS.flushMs;
  const beforeExit = () => {
    if (leftMs <= 0) return;
    const started = performance.now();
    const done = () => {
      leftMs -= Math.ceil(performance.now() - started);
    };
    void agent.flush(leftMs).then(done, done);
  };
  const exit = () => void agent.flush(0).catch(() => {});
  process.on("beforeExit", beforeExit);
  process.on("exit", exit);
  return () => {
    process.off("beforeExit", beforeExit);
    process.off("exit", exit);
  };
}
