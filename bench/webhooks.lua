-- What ad platforms deliver, for wrk.
--
-- Arguments: how to send ("google": a lead as Google delivers it; "rpc": the same straight to PostgREST; "meta": batches
-- that were signed before), and for "meta" a file with a signature and a batch's file a line.

local counter, threads = 0, {}
local batches, how = {}, nil

function setup(thread)
  table.insert(threads, thread)
  -- Only globals reach a thread.
  thread:set("number", #threads)
end

function init(args)
  how, sent, nonce = args[1], 0, string.format("%x-%d", os.time(), number)
  if how == "meta" then
    local line_number = 0
    for line in io.lines(args[2]) do
      line_number = line_number + 1
      -- Each batch is one thread's: sent once, until there are no more.
      if line_number % 2 == number % 2 then
        local signature, file = line:match("(%S+) (.+)")
        local opened = io.open(file, "rb")
        table.insert(batches, {signature = signature, body = opened:read("*a")})
        opened:close()
      end
    end
  end
end

function request()
  counter = counter + 1
  sent = counter
  local headers = {["Content-Type"] = "application/json"}
  if how == "meta" then
    local batch = batches[(counter - 1) % #batches + 1]
    headers["X-Hub-Signature-256"] = batch.signature
    return wrk.format("POST", "/webhooks/meta_ads", headers, batch.body)
  end
  local lead_id = nonce .. "-" .. counter
  local campaign = 700 + counter % 50
  if how == "google" then
    return wrk.format("POST", "/webhooks/google_ads", headers, '{"lead_id":"' .. lead_id .. '","user_column_data":['
      .. '{"column_name":"Full Name","string_value":"Klant","column_id":"FULL_NAME"},'
      .. '{"column_name":"User Phone","string_value":"+31612345678","column_id":"PHONE_NUMBER"}],"api_version":"1.0",'
      .. '"form_id":52083961001,"campaign_id":' .. campaign .. ',"google_key":"' .. os.getenv("GOOGLE_KEY")
      .. '","is_test":false,"gcl_id":"c' .. lead_id .. '","lead_submit_time":"2026-11-18T09:26:40Z"}')
  end
  headers["Authorization"] = "Bearer " .. os.getenv("CAMPAIGN_INGESTER_JWT")
  return wrk.format("POST", "/rpc/ingest_campaign_events", headers, '{"source":"google_ads","events":[{"event_key":"google:lead:'
    .. lead_id .. '","body_hmac":"' .. string.rep("0", 64) .. '","channel":"google_ads","external_campaign_id":"'
    .. campaign .. '","facts":{"kind":"lead","external_lead_id":"' .. lead_id .. '","is_test":false,"submitted_at":'
    .. '"2026-11-18T09:26:40Z"},"payload":{"lead_id":"' .. lead_id .. '","api_version":"1.0","form_id":52083961001},'
    .. '"person":{"name":"Klant","phone":"+31612345678","answers":{"Full Name":"Klant","User Phone":"+31612345678"}}}]}')
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
