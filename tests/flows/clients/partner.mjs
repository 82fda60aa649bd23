// A partner's own program, on @supabase/supabase-js as npm has it. What it finds goes to standard output as JSON.
//
// It knows what any partner knows: the project's address, the publishable key, and its own way to sign in.

import { createClient } from '@supabase/supabase-js'

const { SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY, EMAIL, PASSWORD, ACCESS_TOKEN, PATH_OF_NEW_PAGE, OTHERS_PAGE } =
  process.env

const asNobody = createClient(SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY)
const me = ACCESS_TOKEN
  ? createClient(SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY, { accessToken: async () => ACCESS_TOKEN })
  : await signIn()

async function signIn() {
  const client = createClient(SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY, { auth: { persistSession: false } })
  const { error } = await client.auth.signInWithPassword({ email: EMAIL, password: PASSWORD })
  if (error) throw error
  return client
}

const outcome = async (query) => {
  const { data, error } = await query
  return { data, code: error?.code ?? null }
}

const pages = () => me.from('partner_landing_pages')
const found = {
  before: await outcome(pages().select('path').order('path')),
  created: await outcome(pages().insert({ path: PATH_OF_NEW_PAGE, title: 'Nieuw' }).select('path, status, partner_id')),
  after: await outcome(pages().select('path').order('path')),
  edited: await outcome(pages().update({ title: 'Beter' }).eq('path', PATH_OF_NEW_PAGE).select('title')),
  others_read: await outcome(pages().select('id').eq('id', OTHERS_PAGE)),
  others_edited: await outcome(pages().update({ title: 'Gekaapt' }).eq('id', OTHERS_PAGE).select('id')),
  others_deleted: await outcome(pages().delete().eq('id', OTHERS_PAGE).select('id')),
  status_written: await outcome(pages().update({ status: 'live' }).eq('path', PATH_OF_NEW_PAGE).select('id')),
  counter_written: await outcome(pages().update({ views_count: 1 }).eq('path', PATH_OF_NEW_PAGE).select('id')),
  others_archived: await outcome(me.rpc('archive_landing_page', { page_id: OTHERS_PAGE })),
  anon_read: await outcome(asNobody.from('partner_landing_pages').select('id')),
  anon_profiles: await outcome(asNobody.from('profiles').select('id')),
}
console.log(JSON.stringify(found))
process.exit(0)
