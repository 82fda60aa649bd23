// Runs docs/google-ads-script.js as Google would, with its services made of Node's, and sends what it sends.
import { execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import vm from 'node:vm';

const [script, url, secret, rowsJson] = process.argv.slice(2);
const rows = JSON.parse(rowsJson);
const log = [];
// Google has bytes signed, as Java does.
const signed = (buffer) => [...buffer].map((byte) => (byte > 127 ? byte - 256 : byte));
const buffer = (bytes) => Buffer.from(bytes.map((byte) => byte & 255));
const queries = [];

const services = {
  AdsApp: {
    currentAccount: () => ({ getTimeZone: () => 'Europe/Amsterdam' }),
    search: (query) => {
      queries.push(query);
      const left = [...rows];
      return { hasNext: () => left.length > 0, next: () => left.shift() };
    },
  },
  Utilities: {
    formatDate: (date, zone) => date.toLocaleDateString('sv-SE', { timeZone: zone }),
    base64Decode: (text) => signed(Buffer.from(text, 'base64')),
    base64Encode: (bytes) => buffer(bytes).toString('base64'),
    newBlob: (text) => ({ getBytes: () => signed(Buffer.from(text, 'utf8')) }),
    computeHmacSha256Signature: (value, key) =>
      signed(createHmac('sha256', buffer(key)).update(buffer(value)).digest()),
    sleep: () => log.push('slept'),
  },
  UrlFetchApp: {
    fetchAll: (requests) =>
      requests.map((request) => {
        const headers = Object.entries(request.headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
        const out = execFileSync('curl', [
          '-sS', '-w', '\n%{http_code}', '-X', request.method.toUpperCase(), request.url,
          '-H', `Content-Type: ${request.contentType}`, ...headers, '--data-binary', request.payload,
        ]).toString();
        const end = out.lastIndexOf('\n');
        return { getResponseCode: () => Number(out.slice(end + 1)), getContentText: () => out.slice(0, end) };
      }),
  },
  Logger: { log: (line) => log.push(line) },
};
const source = readFileSync(script, 'utf8')
  .replace('https://functions.example.nl/webhooks/standard', url)
  .replace('whsec_...', secret);
let error = null;
try {
  vm.runInNewContext(`${source}\nmain();`, { ...services, Date, JSON, String, Math, Error });
} catch (thrown) {
  error = thrown.message;
}
process.stdout.write(JSON.stringify({ log, queries, error }));
