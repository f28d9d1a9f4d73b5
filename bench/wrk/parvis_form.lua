-- POST the form in BODY, with a fresh key each time as a browser has one for each rendering. COOKIE: whose draft it is.
package.path = os.getenv("LUA_DIR") .. "/?.lua;" .. package.path
local report = require("report")
local body, n, salt = os.getenv("BODY"), 0, tostring(math.random(1e9)) .. tostring({}):sub(8)
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
wrk.headers["Cookie"] = os.getenv("COOKIE")
function request()
  n = n + 1
  return wrk.format(nil, nil, nil, body .. "&_cle=" .. salt .. string.format("%012d", n))
end
done = report.done
