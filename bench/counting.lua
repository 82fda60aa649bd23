-- Views, or leads, as many browsers send them, for wrk: each with an id, an address and a browser of its own.
--
-- Arguments: how to send ("beacon" or "rpc"; leads: "form" or "form-rpc"), a file with a page's id a line, how unevenly they are opened (0: all alike,
-- 1: as Zipf has it), and how many views a second to send at most (0: as many as go).

local counter, threads = 0, {}
local pages, shares, how, pause, connections = {}, {}, nil, 0, 0

function setup(thread)
  table.insert(threads, thread)
  -- Only globals reach a thread.
  thread:set("number", #threads)
end

function init(args)
  how = args[1]
  local skew, total = tonumber(args[3]), 0
  for line in io.lines(args[2]) do
    table.insert(pages, line)
    total = total + 1 / (#pages) ^ skew
    table.insert(shares, total)
  end
  for i, share in ipairs(shares) do
    shares[i] = share / total
  end
  local rate = tonumber(args[4])
  if rate > 0 then
    pause = 1000 * tonumber(args[5]) / rate
    connections = tonumber(args[5]) / 2
  end
  sent, delays = 0, 0
  math.randomseed(os.time() + number)
end

local function choose_page()
  local wanted, low, high = math.random(), 1, #pages
  while low < high do
    local middle = math.floor((low + high) / 2)
    if shares[middle] < wanted then low = middle + 1 else high = middle end
  end
  return pages[low]
end

local function hash()
  return string.format("%.0f", math.random() * 9e15)
end

function delay()
  if pause == 0 then return 0 end
  delays = delays + 1
  -- Each connection's first: as if they had all been there for a while.
  if delays <= connections then return math.floor(pause * math.random()) end
  return math.floor(pause * (0.5 + math.random()))
end

function request()
  counter = counter + 1
  sent = counter
  -- RFC 9562, 5.7, without its hyphens: the second, version, and what makes it another one.
  local id = string.format(
    "%012x7%03x8%03x%06x%06x", os.time() * 1000, math.random(0, 4095), number,
    math.random(0, 16777215), counter
  )
  local address = math.random(0, 16777215)
  local headers = {
    ["Content-Type"] = "text/plain;charset=UTF-8",
    ["User-Agent"] = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131."
      .. number .. "." .. counter % 500 .. " Safari/537.36",
    ["X-Forwarded-For"] = string.format(
      "%d.%d.%d.%d", 10 + number, math.floor(address / 65536), math.floor(address / 256) % 256, address % 256
    ),
  }
  if how == "beacon" then
    return wrk.format("POST", "/events", headers, '{"query":"","referrer":"","id":"' .. id .. '","page_id":"'
      .. choose_page() .. '","bot":0}')
  end
  headers["Content-Type"] = "application/json"
  local email = id .. "@voorbeeld.nl"
  if how == "form" then
    return wrk.format("POST", "/leads", headers, '{"id":"' .. id .. '","page_id":"' .. choose_page()
      .. '","name":"Anna de Vries","email":"' .. email .. '","message":"Het lekt bij de schoorsteen.","consent":true}')
  end
  headers["Authorization"] = "Bearer " .. os.getenv("EVENT_RECORDER_JWT")
  if how == "form-rpc" then
    return wrk.format("POST", "/rpc/record_lead", headers, '{"lead":{"id":"' .. id .. '","page_id":"' .. choose_page()
      .. '","name":"Anna de Vries","email":"' .. email .. '","message":"Het lekt bij de schoorsteen.","source":"direct",'
      .. '"visitor":' .. hash() .. ',"address":' .. hash() .. ',"network":' .. hash()
      .. ',"consent_version":"2026-11","consent_text":"Ja, dit bedrijf mag contact met mij opnemen.","tags":{}}}')
  end
  headers["Prefer"] = "return=minimal"
  return wrk.format("POST", "/rpc/record_events", headers, '{"ids":["' .. id .. '"],"page_ids":["' .. choose_page()
    .. '"],"kinds":["view"],"visitors":[' .. hash() .. '],"addresses":[' .. hash() .. '],"networks":[' .. hash()
    .. '],"sources":["direct"],"campaigns":[null],"signals":[null]}')
end

function done(summary, latency, requests)
  local written = 0
  for _, thread in ipairs(threads) do
    written = written + thread:get("sent")
  end
  local errors = summary.errors
  io.write(string.format(
    '\n{"seconds":%.6f,"answered":%d,"refused":%d,"broken":%d,"written":%d,"p50":%.3f,"p99":%.3f}\n',
    summary.duration / 1e6, summary.requests, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout, written,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000
  ))
end
