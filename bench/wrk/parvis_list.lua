-- GET pages of the inbox or of the search of an agent, whose COOKIE it is. MODE: "first", "deep" (after a random place between
-- today and 250 days), "search" (three letters of a name).
package.path = os.getenv("LUA_DIR") .. "/?.lua;" .. package.path
local report = require("report")
local mode = os.getenv("MODE") or "first"
local prefixes = {"mar","ber","tho","pet","rob","ric","dur","dub","mor","lau","sim","mic","lef","ler","rou","dav","fou","gir","bon","dup","lam","fon","vin","mul","fau","mer","bla","gue","boy","gar"}
local today = os.time()
math.randomseed(today)
wrk.headers["Cookie"] = os.getenv("COOKIE")
function request()
  if mode == "search" then return wrk.format("GET", "/agent/recherche?q=" .. prefixes[math.random(#prefixes)]) end
  if mode == "first" then return wrk.format("GET", "/agent/dossiers") end
  local day = os.date("%Y-%m-%d", today + 86400 * math.random(0, 250))
  return wrk.format("GET", "/agent/dossiers?apres=" .. day .. "_dos_" .. string.format("%08x", math.random(0, 2^31)) .. string.rep("0", 24))
end
done = report.done
