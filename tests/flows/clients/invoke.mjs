// A dashboard that hands pages in: by supabase-js as it stands, and by FunctionsClient where functions are elsewhere.

import { FunctionsClient } from '@supabase/functions-js'
import { createClient } from '@supabase/supabase-js'

const { SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY, FUNCTIONS_URL, ACCESS_TOKEN, PAGE } = process.env

const outcome = async ({ data, error }) => ({
  data,
  problem: error?.context?.json ? await error.context.json() : null,
})

const supabase = createClient(SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY, { accessToken: async () => ACCESS_TOKEN })
const nobody = createClient(SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY)
const functions = new FunctionsClient(FUNCTIONS_URL, { headers: { Authorization: `Bearer ${ACCESS_TOKEN}` } })

const found = {
  by_project: await outcome(await supabase.functions.invoke(`landing_page_publish/landing-pages/${PAGE}/submit`)),
  elsewhere: await outcome(await functions.invoke(`landing-pages/${PAGE}/submit`)),
  report: await outcome(
    await supabase.functions.invoke('landing_page_report/reports/landing-pages.json', { method: 'GET' }),
  ),
  nobody: await outcome(await nobody.functions.invoke(`landing_page_publish/landing-pages/${PAGE}/submit`)),
  unknown: await outcome(await supabase.functions.invoke('nergens')),
}
console.log(JSON.stringify(found))
process.exit(0)
