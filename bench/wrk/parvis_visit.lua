-- A whole visit per connection, each by a new visitor: begin a draft, GET and POST its five pages, GET the summary, POST the
-- deposit. Run with as many threads as connections, so that each thread's state is one visitor's. "posted" counts whole visits.
package.path = os.getenv("LUA_DIR") .. "/?.lua;" .. package.path
local report = require("report")
local bodies = {
  vous = "_questions=nom+prenom+courriel_contact&nom=Dupont&prenom=Jeanne&courriel_contact=jeanne.dupont%40example.org",
  joindre = "_questions=tel+naissance&tel=0612345678&naissance.jour=12&naissance.mois=5&naissance.annee=1980",
  adresse = "_questions=rue+cp+ville&rue=12+rue+des+Lilas&cp=75011&ville=Paris", objet = "_questions=objet+personnes&objet=a&personnes=2",
  message = "_questions=accord+message&accord=oui&message=Bonjour%2C+je+demande+un+rendez-vous+pour+une+carte." }
local cookie, path, posting, key = nil, nil, false, nil
posted, bad = 0, 0
local threads = {}
function setup(t) threads[#threads + 1] = t end
local function again() cookie, path, posting, key = nil, nil, false, nil end
function request()
  local h = { ["Content-Type"] = "application/x-www-form-urlencoded", ["Cookie"] = cookie }
  if not path then return wrk.format("POST", "/demarches/banc-visite/commencer", h, "") end
  if not posting then return wrk.format("GET", path, { ["Cookie"] = cookie }) end
  local page = path:match("/pages/(.*)$")
  local to = page and path or path:gsub("verification$", "depot")
  return wrk.format("POST", to, h, (page and bodies[page] or "") .. "&_cle=" .. key)
end
function response(status, headers, body)
  if path and not posting then
    key = body:match('name="_cle" value="([^"]+)"')
    if status ~= 200 or not key then bad = bad + 1; return again() end
    posting = true
    return
  end
  if status ~= 303 then bad = bad + 1; return again() end
  for k, v in pairs(headers) do
    if k:lower() == "set-cookie" then cookie = v:match("^(parvis=[^;]*)") or cookie end
  end
  if path and path:match("verification$") then posted = posted + 1; return again() end
  path, posting = headers["location"] or headers["Location"], false
end
function done(summary, latency, requests)
  local p, b = 0, 0
  for _, t in ipairs(threads) do p = p + (t:get("posted") or 0); b = b + (t:get("bad") or 0) end
  report.done(summary, latency, requests)
  io.write(string.format('{"posted":%d,"bad":%d}\n', p, b))
end
