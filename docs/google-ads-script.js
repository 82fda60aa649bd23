/**
 * Reports what each campaign of this Google Ads account spent, today and yesterday, to the marketplace.
 *
 * Paste it under Tools > Bulk actions > Scripts, fill in the two lines below, authorise it, and have it run every hour.
 * In a manager account, call main() for each account with AdsManagerApp. Figures are cumulative: a run that fails or
 * comes twice does no harm, and the next one makes up for it. Google mails you when a run ends in an error.
 */
const WEBHOOK_URL = 'https://functions.example.nl/webhooks/standard';
const SECRET = 'whsec_...'; // One of STANDARD_WEBHOOKS_SECRETS.

const TRIES = 3;
const AT_ONCE = 50;

function main() {
  const zone = AdsApp.currentAccount().getTimeZone();
  const now = new Date();
  const today = Utilities.formatDate(now, zone, 'yyyy-MM-dd');
  const yesterday = Utilities.formatDate(new Date(now.getTime() - 24 * 60 * 60 * 1000), zone, 'yyyy-MM-dd');
  const rows = AdsApp.search(
    'SELECT customer.id, customer.currency_code, campaign.id, segments.date, ' +
      'metrics.cost_micros, metrics.clicks, metrics.impressions ' +
      `FROM campaign WHERE segments.date BETWEEN '${yesterday}' AND '${today}'`,
  );
  let requests = [];
  while (rows.hasNext()) {
    requests.push(request(rows.next(), now));
  }
  const reported = requests.length;
  for (let attempt = 1; requests.length && attempt <= TRIES; attempt++) {
    if (attempt > 1) {
      Utilities.sleep(5000);
    }
    requests = send(requests);
  }
  Logger.log(`${reported - requests.length} of ${reported} reports are stored.`);
  if (requests.length) {
    throw new Error(`${requests.length} reports were not accepted; the log says why.`);
  }
}

function request(row, now) {
  const event = {
    type: 'campaign.metrics',
    timestamp: now.toISOString(),
    data: {
      platform: 'google_ads',
      account_id: String(row.customer.id),
      campaign_id: String(row.campaign.id),
      date: row.segments.date,
      currency: row.customer.currencyCode,
      // What is nothing is left out by Google.
      spend_micros: String(row.metrics.costMicros || 0),
      clicks: String(row.metrics.clicks || 0),
      impressions: String(row.metrics.impressions || 0),
    },
  };
  const body = JSON.stringify(event);
  // The same over retries, and another one every run.
  const id = ['gads', row.customer.id, row.campaign.id, row.segments.date, now.getTime()].join('_');
  const timestamp = String(Math.floor(Date.now() / 1000));
  const key = Utilities.base64Decode(SECRET.replace('whsec_', ''));
  const signed = Utilities.newBlob(`${id}.${timestamp}.${body}`).getBytes();
  const signature = Utilities.base64Encode(Utilities.computeHmacSha256Signature(signed, key));
  return {
    url: WEBHOOK_URL,
    method: 'post',
    contentType: 'application/json',
    headers: { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` },
    payload: body,
    muteHttpExceptions: true,
  };
}

/** Sends the requests and returns those to be sent again. */
function send(requests) {
  const failed = [];
  for (let start = 0; start < requests.length; start += AT_ONCE) {
    const part = requests.slice(start, start + AT_ONCE);
    UrlFetchApp.fetchAll(part).forEach((response, index) => {
      if (response.getResponseCode() !== 200) {
        Logger.log(`${response.getResponseCode()} ${response.getContentText().slice(0, 300)}`);
        failed.push(part[index]);
      }
    });
  }
  return failed;
}
