-- Sends one request over and over, and prints one line that `wrk.rs` reads.
-- What is sent comes from the environment, so that nothing has to be quoted twice.
wrk.method = os.getenv("BENCH_METHOD")
wrk.body = os.getenv("BENCH_BODY")
wrk.headers["Host"] = os.getenv("BENCH_HOST")
for _, name in ipairs({ "Content-Type", "Authorization", "Cookie" }) do
  local value = os.getenv("BENCH_" .. name:gsub("-", "_"):upper())
  if value then wrk.headers[name] = value end
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format("BENCH requests=%d microseconds=%d median=%d p99=%d longest=%d refused=%d broken=%d\n",
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), latency.max,
    errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
