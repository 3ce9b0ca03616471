// The token bucket that limits how often one probe fires. The clock is the caller's; it may jump.
import { BUCKET_BURST, BUCKET_LAST, BUCKET_RATE } from "./abi.ts";

/** Takes a token at time `now` (ms): 1, or 0 if there is none. A clock that goes back adds no tokens. */
export function take(bucket: i32, now: f64): i32 {
  let tokens = load<f64>(bucket);
  const elapsed = now - load<f64>(bucket + BUCKET_LAST);
  if (elapsed > 0) tokens = min(load<f64>(bucket + BUCKET_BURST), tokens + elapsed * load<f64>(bucket + BUCKET_RATE));
  // After a step back the bucket counts from the new time, or it would stay shut for as long as the step was.
  if (elapsed > 0 || elapsed < 0) store<f64>(bucket + BUCKET_LAST, now);
  const allowed = tokens >= 1;
  store<f64>(bucket, allowed ? tokens - 1 : tokens);
  return allowed ? 1 : 0;
}
