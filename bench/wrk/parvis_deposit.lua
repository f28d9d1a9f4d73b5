-- POST /dossiers/{id}/depot, once for each draft of the file DRAFTS, cut between the threads. COOKIE: whose drafts they are.
package.path = os.getenv("LUA_DIR") .. "/?.lua;" .. package.path
local report = require("report")
local threads, mine, at = {}, {}, 0
posted, bad = 0, 0
function setup(t) t:set("rank", #threads); threads[#threads + 1] = t end
function init()
  local of, line = tonumber(os.getenv("THREADS") or "2"), 0
  for id in io.lines(os.getenv("DRAFTS")) do
    if line % of == rank then mine[#mine + 1] = id end
    line = line + 1
  end
end
local headers = { ["Content-Type"] = "application/x-www-form-urlencoded", ["Cookie"] = os.getenv("COOKIE") }
function request()
  at = at + 1
  local id = mine[at] or mine[#mine]
  if at > #mine then bad = bad + 1; wrk.thread:stop() end
  return wrk.format("POST", "/dossiers/" .. id .. "/depot", headers, "_cle=depot-" .. id)
end
function response(status, h)
  if status == 303 then posted = posted + 1 else bad = bad + 1 end
end
function done(summary, latency, requests)
  local p, b = 0, 0
  for _, t in ipairs(threads) do p = p + (t:get("posted") or 0); b = b + (t:get("bad") or 0) end
  report.done(summary, latency, requests)
  io.write(string.format('{"posted":%d,"bad":%d}\n', p, b))
end
