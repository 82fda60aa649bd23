
export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[]

export type Database = {
  
  "public": {
          Tables: {
            "lead_segments": {
                  Row: {
                    "created_at": string,"id": string,"region": string,"trade": string,"updated_at": string,"budget_pace": {
              "budget": number | null,
"channel": string | null,
"expected_at_end": number | null,
"expected_by_now": number | null,
"is_ahead": boolean | null,
"level": string | null,
"month": string | null,
"partner_id": string | null,
"partner_slug": string | null,
"segment_id": string | null,
"spend_as_of": string | null,
"spent": number | null
            } | null,"partner_landing_pages": {
              "content_bytes": number,
"content_json": NonNullable<Json>,
"conversions_count": number,
"created_at": string,
"created_by": string | null,
"editor_ids": (string)[],
"id": string,
"last_viewed_at": string | null,
"live_path": string | null,
"live_version_id": string | null,
"partner_id": string | null,
"path": string | null,
"previous_version_id": string | null,
"publish_at": string | null,
"published_at": string | null,
"segment_id": string | null,
"seo_description": string | null,
"seo_title": string | null,
"source": string,
"status": string,
"status_reason": string | null,
"submitted_version_id": string | null,
"subtitle": string | null,
"title": string,
"unpublish_at": string | null,
"updated_at": string,
"views_count": number
            } | null,"partner_marketing_campaigns": {
              "ai_last_adjusted_at": string | null,
"ai_managed": boolean,
"avg_cpl": number | null,
"channel": string,
"committed_budget": number,
"cpl_target": number | null,
"created_at": string,
"daily_budget": number | null,
"ended_at": string | null,
"external_campaign_id": string | null,
"id": string,
"monthly_budget": number | null,
"partner_id": string | null,
"platform_status": string | null,
"platform_status_at": string | null,
"segment_id": string | null,
"spend_as_of": string | null,
"started_at": string | null,
"status": string,
"total_clicks": number,
"total_impressions": number,
"total_leads": number,
"total_spend": number | null,
"unpriced_spend": Json | null,
"updated_at": string
            } | null,"partner_segments": {
              "created_at": string,
"id": string,
"is_active": boolean,
"is_primary": boolean,
"partner_id": string,
"priority": number,
"segment_id": string,
"target_leads_per_week": number | null,
"updated_at": string
            } | null
                  }
                  ComputedFields: "budget_pace" | "partner_landing_pages" | "partner_marketing_campaigns" | "partner_segments"
                  Insert: {
                    "created_at"?: string,"id"?: string,"region": string,"trade": string,"updated_at"?: string
                  }
                  Update: {
                    "created_at"?: string,"id"?: string,"region"?: string,"trade"?: string,"updated_at"?: string
                  }
                  Relationships: [
                    
                  ]
                },"partner_campaign_metrics": {
                  Row: {
                    "account_id": string,"as_of": string,"campaign_id": string | null,"channel": string,"clicks": number,"conversions": number | null,"created_at": string,"currency": string,"day": string,"external_campaign_id": string,"impressions": number,"is_absent": boolean,"partner_id": string | null,"rate_date": string | null,"spend": number,"spend_eur": number | null,"updated_at": string,"via": string
                  }
                  ComputedFields: never
                  Insert: {
                    "account_id": string,"as_of": string,"campaign_id"?: string | null,"channel": string,"clicks": number,"conversions"?: number | null,"created_at"?: string,"currency": string,"day": string,"external_campaign_id": string,"impressions": number,"is_absent"?: boolean,"partner_id"?: string | null,"rate_date"?: string | null,"spend": number,"spend_eur"?: number | null,"updated_at"?: string,"via": string
                  }
                  Update: {
                    "account_id"?: string,"as_of"?: string,"campaign_id"?: string | null,"channel"?: string,"clicks"?: number,"conversions"?: number | null,"created_at"?: string,"currency"?: string,"day"?: string,"external_campaign_id"?: string,"impressions"?: number,"is_absent"?: boolean,"partner_id"?: string | null,"rate_date"?: string | null,"spend"?: number,"spend_eur"?: number | null,"updated_at"?: string,"via"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "partner_campaign_metrics_campaign_id_fkey"
      columns: ["campaign_id"]
isOneToOne: false
      referencedRelation: "campaign_performance"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "partner_campaign_metrics_campaign_id_fkey"
      columns: ["campaign_id"]
isOneToOne: false
      referencedRelation: "partner_marketing_campaigns"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "partner_campaign_metrics_partner_id_fkey"
      columns: ["partner_id"]
isOneToOne: false
      referencedRelation: "profiles"
      referencedColumns: ["id"]
    }
                  ]
                },"partner_campaign_writes": {
                  Row: {
                    "account_id": string | null,"attempts": number,"campaign_id": string,"created_at": string,"field": string,"finished_at": string | null,"found": string | null,"id": number,"partner_id": string | null,"queued_at": string,"reason": string | null,"request": Json | null,"requested_by": string,"sent_at": string | null,"status": string,"to_do": string,"updated_at": string,"value": string
                  }
                  ComputedFields: never
                  Insert: {
                    "account_id"?: string | null,"attempts"?: number,"campaign_id": string,"created_at"?: string,"field": string,"finished_at"?: string | null,"found"?: string | null,"id"?: never,"partner_id"?: string | null,"queued_at"?: string,"reason"?: string | null,"request"?: Json | null,"requested_by": string,"sent_at"?: string | null,"status": string,"to_do": string,"updated_at"?: string,"value": string
                  }
                  Update: {
                    "account_id"?: string | null,"attempts"?: number,"campaign_id"?: string,"created_at"?: string,"field"?: string,"finished_at"?: string | null,"found"?: string | null,"id"?: never,"partner_id"?: string | null,"queued_at"?: string,"reason"?: string | null,"request"?: Json | null,"requested_by"?: string,"sent_at"?: string | null,"status"?: string,"to_do"?: string,"updated_at"?: string,"value"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "partner_campaign_writes_campaign_id_fkey"
      columns: ["campaign_id"]
isOneToOne: false
      referencedRelation: "campaign_performance"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "partner_campaign_writes_campaign_id_fkey"
      columns: ["campaign_id"]
isOneToOne: false
      referencedRelation: "partner_marketing_campaigns"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "partner_campaign_writes_partner_id_fkey"
      columns: ["partner_id"]
isOneToOne: false
      referencedRelation: "profiles"
      referencedColumns: ["id"]
    }
                  ]
                },"partner_landing_page_drops": {
                  Row: {
                    "attempts": number,"created_at": string,"day": string,"id": string,"page_id": string | null,"partner_id": string | null,"reason": string,"updated_at": string
                  }
                  ComputedFields: never
                  Insert: {
                    "attempts": number,"created_at"?: string,"day": string,"id"?: string,"page_id"?: string | null,"partner_id"?: string | null,"reason": string,"updated_at"?: string
                  }
                  Update: {
                    "attempts"?: number,"created_at"?: string,"day"?: string,"id"?: string,"page_id"?: string | null,"partner_id"?: string | null,"reason"?: string,"updated_at"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "partner_landing_page_drops_page_id_fkey"
      columns: ["page_id"]
isOneToOne: false
      referencedRelation: "landing_pages_in_review"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "partner_landing_page_drops_page_id_fkey"
      columns: ["page_id"]
isOneToOne: false
      referencedRelation: "live_landing_pages"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "partner_landing_page_drops_page_id_fkey"
      columns: ["page_id"]
isOneToOne: false
      referencedRelation: "partner_landing_pages"
      referencedColumns: ["id"]
    }
                  ]
                },"partner_landing_page_stats": {
                  Row: {
                    "campaign_id": string | null,"conversions": number,"created_at": string,"day": string,"id": string,"last_viewed_at": string | null,"page_id": string,"partner_id": string | null,"source": string,"updated_at": string,"views": number,"visitors": number
                  }
                  ComputedFields: never
                  Insert: {
                    "campaign_id"?: string | null,"conversions"?: number,"created_at"?: string,"day": string,"id"?: string,"last_viewed_at"?: string | null,"page_id": string,"partner_id"?: string | null,"source": string,"updated_at"?: string,"views"?: number,"visitors"?: number
                  }
                  Update: {
                    "campaign_id"?: string | null,"conversions"?: number,"created_at"?: string,"day"?: string,"id"?: string,"last_viewed_at"?: string | null,"page_id"?: string,"partner_id"?: string | null,"source"?: string,"updated_at"?: string,"views"?: number,"visitors"?: number
                  }
                  Relationships: [
                    {
      foreignKeyName: "partner_landing_page_stats_campaign_id_fkey"
      columns: ["campaign_id"]
isOneToOne: false
      referencedRelation: "campaign_performance"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "partner_landing_page_stats_campaign_id_fkey"
      columns: ["campaign_id"]
isOneToOne: false
      referencedRelation: "partner_marketing_campaigns"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "partner_landing_page_stats_page_id_fkey"
      columns: ["page_id"]
isOneToOne: false
      referencedRelation: "landing_pages_in_review"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "partner_landing_page_stats_page_id_fkey"
      columns: ["page_id"]
isOneToOne: false
      referencedRelation: "live_landing_pages"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "partner_landing_page_stats_page_id_fkey"
      columns: ["page_id"]
isOneToOne: false
      referencedRelation: "partner_landing_pages"
      referencedColumns: ["id"]
    }
                  ]
                },"partner_landing_page_submissions": {
                  Row: {
                    "created_at": string,"decided_as": string | null,"decided_at": string | null,"decided_by": string | null,"id": number,"page_id": string,"partner_id": string | null,"reason": string | null,"status": string,"submitted_as": string,"submitted_by": string | null,"updated_at": string,"version_id": string
                  }
                  ComputedFields: never
                  Insert: {
                    "created_at"?: string,"decided_as"?: string | null,"decided_at"?: string | null,"decided_by"?: string | null,"id"?: never,"page_id": string,"partner_id"?: string | null,"reason"?: string | null,"status"?: string,"submitted_as": string,"submitted_by"?: string | null,"updated_at"?: string,"version_id": string
                  }
                  Update: {
                    "created_at"?: string,"decided_as"?: string | null,"decided_at"?: string | null,"decided_by"?: string | null,"id"?: never,"page_id"?: string,"partner_id"?: string | null,"reason"?: string | null,"status"?: string,"submitted_as"?: string,"submitted_by"?: string | null,"updated_at"?: string,"version_id"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "partner_landing_page_submissions_page_id_fkey"
      columns: ["page_id"]
isOneToOne: false
      referencedRelation: "landing_pages_in_review"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "partner_landing_page_submissions_page_id_fkey"
      columns: ["page_id"]
isOneToOne: false
      referencedRelation: "live_landing_pages"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "partner_landing_page_submissions_page_id_fkey"
      columns: ["page_id"]
isOneToOne: false
      referencedRelation: "partner_landing_pages"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "partner_landing_page_submissions_partner_id_fkey"
      columns: ["partner_id"]
isOneToOne: false
      referencedRelation: "profiles"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "partner_landing_page_submissions_version_id_fkey"
      columns: ["version_id","page_id"]
isOneToOne: false
      referencedRelation: "partner_landing_page_versions"
      referencedColumns: ["id","page_id"]
    }
                  ]
                },"partner_landing_page_transitions": {
                  Row: {
                    "actor": string,"actor_id": string | null,"created_at": string,"from_status": string,"id": number,"page_id": string,"partner_id": string | null,"reason": string | null,"to_status": string,"updated_at": string,"version_id": string | null
                  }
                  ComputedFields: never
                  Insert: {
                    "actor": string,"actor_id"?: string | null,"created_at"?: string,"from_status": string,"id"?: never,"page_id": string,"partner_id"?: string | null,"reason"?: string | null,"to_status": string,"updated_at"?: string,"version_id"?: string | null
                  }
                  Update: {
                    "actor"?: string,"actor_id"?: string | null,"created_at"?: string,"from_status"?: string,"id"?: never,"page_id"?: string,"partner_id"?: string | null,"reason"?: string | null,"to_status"?: string,"updated_at"?: string,"version_id"?: string | null
                  }
                  Relationships: [
                    {
      foreignKeyName: "partner_landing_page_transitions_page_id_fkey"
      columns: ["page_id"]
isOneToOne: false
      referencedRelation: "landing_pages_in_review"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "partner_landing_page_transitions_page_id_fkey"
      columns: ["page_id"]
isOneToOne: false
      referencedRelation: "live_landing_pages"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "partner_landing_page_transitions_page_id_fkey"
      columns: ["page_id"]
isOneToOne: false
      referencedRelation: "partner_landing_pages"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "partner_landing_page_transitions_partner_id_fkey"
      columns: ["partner_id"]
isOneToOne: false
      referencedRelation: "profiles"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "partner_landing_page_transitions_version_id_fkey"
      columns: ["version_id"]
isOneToOne: false
      referencedRelation: "partner_landing_page_versions"
      referencedColumns: ["id"]
    }
                  ]
                },"partner_landing_page_versions": {
                  Row: {
                    "content_hash": string,"created_at": string,"id": string,"is_rerendered": boolean,"number": number,"page_id": string,"partner_id": string | null,"path": string,"snapshot": NonNullable<Json>,"updated_at": string,"partner_landing_page_submissions": {
              "created_at": string,
"decided_as": string | null,
"decided_at": string | null,
"decided_by": string | null,
"id": number,
"page_id": string,
"partner_id": string | null,
"reason": string | null,
"status": string,
"submitted_as": string,
"submitted_by": string | null,
"updated_at": string,
"version_id": string
            } | null,"partner_landing_page_transitions": {
              "actor": string,
"actor_id": string | null,
"created_at": string,
"from_status": string,
"id": number,
"page_id": string,
"partner_id": string | null,
"reason": string | null,
"to_status": string,
"updated_at": string,
"version_id": string | null
            } | null,"partner_landing_pages": {
              "content_bytes": number,
"content_json": NonNullable<Json>,
"conversions_count": number,
"created_at": string,
"created_by": string | null,
"editor_ids": (string)[],
"id": string,
"last_viewed_at": string | null,
"live_path": string | null,
"live_version_id": string | null,
"partner_id": string | null,
"path": string | null,
"previous_version_id": string | null,
"publish_at": string | null,
"published_at": string | null,
"segment_id": string | null,
"seo_description": string | null,
"seo_title": string | null,
"source": string,
"status": string,
"status_reason": string | null,
"submitted_version_id": string | null,
"subtitle": string | null,
"title": string,
"unpublish_at": string | null,
"updated_at": string,
"views_count": number
            } | null
                  }
                  ComputedFields: "partner_landing_page_submissions" | "partner_landing_page_transitions" | "partner_landing_pages"
                  Insert: {
                    "content_hash": string,"created_at"?: string,"id"?: string,"is_rerendered"?: boolean,"number": number,"page_id": string,"partner_id"?: string | null,"path": string,"snapshot": NonNullable<Json>,"updated_at"?: string
                  }
                  Update: {
                    "content_hash"?: string,"created_at"?: string,"id"?: string,"is_rerendered"?: boolean,"number"?: number,"page_id"?: string,"partner_id"?: string | null,"path"?: string,"snapshot"?: NonNullable<Json>,"updated_at"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "partner_landing_page_versions_page_id_fkey"
      columns: ["page_id"]
isOneToOne: false
      referencedRelation: "landing_pages_in_review"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "partner_landing_page_versions_page_id_fkey"
      columns: ["page_id"]
isOneToOne: false
      referencedRelation: "live_landing_pages"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "partner_landing_page_versions_page_id_fkey"
      columns: ["page_id"]
isOneToOne: false
      referencedRelation: "partner_landing_pages"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "partner_landing_page_versions_partner_id_fkey"
      columns: ["partner_id"]
isOneToOne: false
      referencedRelation: "profiles"
      referencedColumns: ["id"]
    }
                  ]
                },"partner_landing_pages": {
                  Row: {
                    "content_bytes": number,"content_json": NonNullable<Json>,"conversions_count": number,"created_at": string,"created_by": string | null,"editor_ids": (string)[],"id": string,"last_viewed_at": string | null,"live_path": string | null,"live_version_id": string | null,"partner_id": string | null,"path": string | null,"previous_version_id": string | null,"publish_at": string | null,"published_at": string | null,"segment_id": string | null,"seo_description": string | null,"seo_title": string | null,"source": string,"status": string,"status_reason": string | null,"submitted_version_id": string | null,"subtitle": string | null,"title": string,"unpublish_at": string | null,"updated_at": string,"views_count": number,"partner_landing_page_drops": {
              "attempts": number,
"created_at": string,
"day": string,
"id": string,
"page_id": string | null,
"partner_id": string | null,
"reason": string,
"updated_at": string
            } | null,"partner_landing_page_stats": {
              "campaign_id": string | null,
"conversions": number,
"created_at": string,
"day": string,
"id": string,
"last_viewed_at": string | null,
"page_id": string,
"partner_id": string | null,
"source": string,
"updated_at": string,
"views": number,
"visitors": number
            } | null,"partner_landing_page_submissions": {
              "created_at": string,
"decided_as": string | null,
"decided_at": string | null,
"decided_by": string | null,
"id": number,
"page_id": string,
"partner_id": string | null,
"reason": string | null,
"status": string,
"submitted_as": string,
"submitted_by": string | null,
"updated_at": string,
"version_id": string
            } | null,"partner_landing_page_transitions": {
              "actor": string,
"actor_id": string | null,
"created_at": string,
"from_status": string,
"id": number,
"page_id": string,
"partner_id": string | null,
"reason": string | null,
"to_status": string,
"updated_at": string,
"version_id": string | null
            } | null,"partner_landing_page_versions": {
              "content_hash": string,
"created_at": string,
"id": string,
"is_rerendered": boolean,
"number": number,
"page_id": string,
"partner_id": string | null,
"path": string,
"snapshot": NonNullable<Json>,
"updated_at": string
            } | null,"partner_leads": {
              "campaign_id": string | null,
"channel": string | null,
"created_at": string,
"erased_at": string | null,
"external_campaign_id": string | null,
"external_lead_id": string | null,
"first_campaign_id": string | null,
"first_source": string | null,
"id": string,
"is_test": boolean,
"lost_reason": string | null,
"outcome": string,
"page_id": string | null,
"partner_id": string | null,
"reason": string | null,
"source": string | null,
"status": string,
"submitted_at": string,
"updated_at": string
            } | null
                  }
                  ComputedFields: "partner_landing_page_drops" | "partner_landing_page_stats" | "partner_landing_page_submissions" | "partner_landing_page_transitions" | "partner_landing_page_versions" | "partner_leads"
                  Insert: {
                    "content_bytes"?: number,"content_json"?: NonNullable<Json>,"conversions_count"?: number,"created_at"?: string,"created_by"?: string | null,"editor_ids"?: (string)[],"id"?: string,"last_viewed_at"?: string | null,"live_path"?: string | null,"live_version_id"?: string | null,"partner_id"?: string | null,"path"?: string | null,"previous_version_id"?: string | null,"publish_at"?: string | null,"published_at"?: string | null,"segment_id"?: string | null,"seo_description"?: string | null,"seo_title"?: string | null,"source"?: string,"status"?: string,"status_reason"?: string | null,"submitted_version_id"?: string | null,"subtitle"?: string | null,"title": string,"unpublish_at"?: string | null,"updated_at"?: string,"views_count"?: number
                  }
                  Update: {
                    "content_bytes"?: number,"content_json"?: NonNullable<Json>,"conversions_count"?: number,"created_at"?: string,"created_by"?: string | null,"editor_ids"?: (string)[],"id"?: string,"last_viewed_at"?: string | null,"live_path"?: string | null,"live_version_id"?: string | null,"partner_id"?: string | null,"path"?: string | null,"previous_version_id"?: string | null,"publish_at"?: string | null,"published_at"?: string | null,"segment_id"?: string | null,"seo_description"?: string | null,"seo_title"?: string | null,"source"?: string,"status"?: string,"status_reason"?: string | null,"submitted_version_id"?: string | null,"subtitle"?: string | null,"title"?: string,"unpublish_at"?: string | null,"updated_at"?: string,"views_count"?: number
                  }
                  Relationships: [
                    {
      foreignKeyName: "partner_landing_pages_live_version_id_fkey"
      columns: ["live_version_id","id"]
isOneToOne: false
      referencedRelation: "partner_landing_page_versions"
      referencedColumns: ["id","page_id"]
    },{
      foreignKeyName: "partner_landing_pages_partner_id_fkey"
      columns: ["partner_id"]
isOneToOne: false
      referencedRelation: "profiles"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "partner_landing_pages_previous_version_id_fkey"
      columns: ["previous_version_id","id"]
isOneToOne: false
      referencedRelation: "partner_landing_page_versions"
      referencedColumns: ["id","page_id"]
    },{
      foreignKeyName: "partner_landing_pages_segment_id_fkey"
      columns: ["segment_id"]
isOneToOne: false
      referencedRelation: "lead_segments"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "partner_landing_pages_submitted_version_id_fkey"
      columns: ["submitted_version_id","id"]
isOneToOne: false
      referencedRelation: "partner_landing_page_versions"
      referencedColumns: ["id","page_id"]
    }
                  ]
                },"partner_lead_contacts": {
                  Row: {
                    "ads_consent_text": string | null,"ads_consent_version": string | null,"answers": NonNullable<Json>,"consent_recipients": (string)[] | null,"consent_text": string | null,"consent_version": string | null,"consented_at": string | null,"content_hash": string | null,"created_at": string,"email": string | null,"form_sha256": string | null,"lead_id": string,"message": string | null,"name": string | null,"partner_id": string | null,"phone": string | null,"postcode": string | null,"tags": NonNullable<Json>,"updated_at": string,"partner_leads": {
              "campaign_id": string | null,
"channel": string | null,
"created_at": string,
"erased_at": string | null,
"external_campaign_id": string | null,
"external_lead_id": string | null,
"first_campaign_id": string | null,
"first_source": string | null,
"id": string,
"is_test": boolean,
"lost_reason": string | null,
"outcome": string,
"page_id": string | null,
"partner_id": string | null,
"reason": string | null,
"source": string | null,
"status": string,
"submitted_at": string,
"updated_at": string
            } | null
                  }
                  ComputedFields: "partner_leads"
                  Insert: {
                    "ads_consent_text"?: string | null,"ads_consent_version"?: string | null,"answers"?: NonNullable<Json>,"consent_recipients"?: (string)[] | null,"consent_text"?: string | null,"consent_version"?: string | null,"consented_at"?: string | null,"content_hash"?: string | null,"created_at"?: string,"email"?: string | null,"form_sha256"?: string | null,"lead_id": string,"message"?: string | null,"name"?: string | null,"partner_id"?: string | null,"phone"?: string | null,"postcode"?: string | null,"tags"?: NonNullable<Json>,"updated_at"?: string
                  }
                  Update: {
                    "ads_consent_text"?: string | null,"ads_consent_version"?: string | null,"answers"?: NonNullable<Json>,"consent_recipients"?: (string)[] | null,"consent_text"?: string | null,"consent_version"?: string | null,"consented_at"?: string | null,"content_hash"?: string | null,"created_at"?: string,"email"?: string | null,"form_sha256"?: string | null,"lead_id"?: string,"message"?: string | null,"name"?: string | null,"partner_id"?: string | null,"phone"?: string | null,"postcode"?: string | null,"tags"?: NonNullable<Json>,"updated_at"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "partner_lead_contacts_lead_id_fkey"
      columns: ["lead_id"]
isOneToOne: true
      referencedRelation: "partner_leads"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "partner_lead_contacts_partner_id_fkey"
      columns: ["partner_id"]
isOneToOne: false
      referencedRelation: "profiles"
      referencedColumns: ["id"]
    }
                  ]
                },"partner_lead_conversions": {
                  Row: {
                    "account_id": string,"attempts": number,"channel": string,"created_at": string,"due_at": string | null,"finished_at": string | null,"happened_at": string,"id": number,"lead_id": string,"partner_id": string | null,"reason": string | null,"reference": string | null,"sent_at": string | null,"status": string,"updated_at": string
                  }
                  ComputedFields: never
                  Insert: {
                    "account_id": string,"attempts"?: number,"channel": string,"created_at"?: string,"due_at"?: string | null,"finished_at"?: string | null,"happened_at"?: string,"id"?: never,"lead_id": string,"partner_id"?: string | null,"reason"?: string | null,"reference"?: string | null,"sent_at"?: string | null,"status"?: string,"updated_at"?: string
                  }
                  Update: {
                    "account_id"?: string,"attempts"?: number,"channel"?: string,"created_at"?: string,"due_at"?: string | null,"finished_at"?: string | null,"happened_at"?: string,"id"?: never,"lead_id"?: string,"partner_id"?: string | null,"reason"?: string | null,"reference"?: string | null,"sent_at"?: string | null,"status"?: string,"updated_at"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "partner_lead_conversions_lead_id_fkey"
      columns: ["lead_id"]
isOneToOne: false
      referencedRelation: "partner_leads"
      referencedColumns: ["id"]
    }
                  ]
                },"partner_lead_looks": {
                  Row: {
                    "actor": string,"actor_id": string | null,"created_at": string,"id": string,"lead_id": string,"looked_at": string,"partner_id": string | null,"updated_at": string
                  }
                  ComputedFields: never
                  Insert: {
                    "actor": string,"actor_id"?: string | null,"created_at"?: string,"id"?: string,"lead_id": string,"looked_at"?: string,"partner_id"?: string | null,"updated_at"?: string
                  }
                  Update: {
                    "actor"?: string,"actor_id"?: string | null,"created_at"?: string,"id"?: string,"lead_id"?: string,"looked_at"?: string,"partner_id"?: string | null,"updated_at"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "partner_lead_looks_lead_id_fkey"
      columns: ["lead_id"]
isOneToOne: false
      referencedRelation: "partner_leads"
      referencedColumns: ["id"]
    }
                  ]
                },"partner_lead_steps": {
                  Row: {
                    "actor": string,"actor_id": string | null,"created_at": string,"from_status": string,"id": string,"lead_id": string,"lost_reason": string | null,"partner_id": string | null,"to_status": string,"updated_at": string
                  }
                  ComputedFields: never
                  Insert: {
                    "actor": string,"actor_id"?: string | null,"created_at"?: string,"from_status": string,"id"?: string,"lead_id": string,"lost_reason"?: string | null,"partner_id"?: string | null,"to_status": string,"updated_at"?: string
                  }
                  Update: {
                    "actor"?: string,"actor_id"?: string | null,"created_at"?: string,"from_status"?: string,"id"?: string,"lead_id"?: string,"lost_reason"?: string | null,"partner_id"?: string | null,"to_status"?: string,"updated_at"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "partner_lead_steps_lead_id_fkey"
      columns: ["lead_id"]
isOneToOne: false
      referencedRelation: "partner_leads"
      referencedColumns: ["id"]
    }
                  ]
                },"partner_leads": {
                  Row: {
                    "campaign_id": string | null,"channel": string | null,"created_at": string,"erased_at": string | null,"external_campaign_id": string | null,"external_lead_id": string | null,"first_campaign_id": string | null,"first_source": string | null,"id": string,"is_test": boolean,"lost_reason": string | null,"outcome": string,"page_id": string | null,"partner_id": string | null,"reason": string | null,"source": string | null,"status": string,"submitted_at": string,"updated_at": string,"partner_lead_conversions": {
              "account_id": string,
"attempts": number,
"channel": string,
"created_at": string,
"due_at": string | null,
"finished_at": string | null,
"happened_at": string,
"id": number,
"lead_id": string,
"partner_id": string | null,
"reason": string | null,
"reference": string | null,
"sent_at": string | null,
"status": string,
"updated_at": string
            } | null,"partner_lead_looks": {
              "actor": string,
"actor_id": string | null,
"created_at": string,
"id": string,
"lead_id": string,
"looked_at": string,
"partner_id": string | null,
"updated_at": string
            } | null,"partner_lead_steps": {
              "actor": string,
"actor_id": string | null,
"created_at": string,
"from_status": string,
"id": string,
"lead_id": string,
"lost_reason": string | null,
"partner_id": string | null,
"to_status": string,
"updated_at": string
            } | null
                  }
                  ComputedFields: "partner_lead_conversions" | "partner_lead_looks" | "partner_lead_steps"
                  Insert: {
                    "campaign_id"?: string | null,"channel"?: string | null,"created_at"?: string,"erased_at"?: string | null,"external_campaign_id"?: string | null,"external_lead_id"?: string | null,"first_campaign_id"?: string | null,"first_source"?: string | null,"id": string,"is_test"?: boolean,"lost_reason"?: string | null,"outcome"?: string,"page_id"?: string | null,"partner_id"?: string | null,"reason"?: string | null,"source"?: string | null,"status"?: string,"submitted_at"?: string,"updated_at"?: string
                  }
                  Update: {
                    "campaign_id"?: string | null,"channel"?: string | null,"created_at"?: string,"erased_at"?: string | null,"external_campaign_id"?: string | null,"external_lead_id"?: string | null,"first_campaign_id"?: string | null,"first_source"?: string | null,"id"?: string,"is_test"?: boolean,"lost_reason"?: string | null,"outcome"?: string,"page_id"?: string | null,"partner_id"?: string | null,"reason"?: string | null,"source"?: string | null,"status"?: string,"submitted_at"?: string,"updated_at"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "partner_leads_campaign_id_fkey"
      columns: ["campaign_id"]
isOneToOne: false
      referencedRelation: "campaign_performance"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "partner_leads_campaign_id_fkey"
      columns: ["campaign_id"]
isOneToOne: false
      referencedRelation: "partner_marketing_campaigns"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "partner_leads_page_id_fkey"
      columns: ["page_id"]
isOneToOne: false
      referencedRelation: "landing_pages_in_review"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "partner_leads_page_id_fkey"
      columns: ["page_id"]
isOneToOne: false
      referencedRelation: "live_landing_pages"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "partner_leads_page_id_fkey"
      columns: ["page_id"]
isOneToOne: false
      referencedRelation: "partner_landing_pages"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "partner_leads_partner_id_fkey"
      columns: ["partner_id"]
isOneToOne: false
      referencedRelation: "profiles"
      referencedColumns: ["id"]
    }
                  ]
                },"partner_marketing_campaigns": {
                  Row: {
                    "ai_last_adjusted_at": string | null,"ai_managed": boolean,"avg_cpl": number | null,"channel": string,"committed_budget": number,"cpl_target": number | null,"created_at": string,"daily_budget": number | null,"ended_at": string | null,"external_campaign_id": string | null,"id": string,"monthly_budget": number | null,"partner_id": string | null,"platform_status": string | null,"platform_status_at": string | null,"segment_id": string | null,"spend_as_of": string | null,"started_at": string | null,"status": string,"total_clicks": number,"total_impressions": number,"total_leads": number,"total_spend": number | null,"unpriced_spend": Json | null,"updated_at": string,"partner_campaign_metrics": {
              "account_id": string,
"as_of": string,
"campaign_id": string | null,
"channel": string,
"clicks": number,
"conversions": number | null,
"created_at": string,
"currency": string,
"day": string,
"external_campaign_id": string,
"impressions": number,
"is_absent": boolean,
"partner_id": string | null,
"rate_date": string | null,
"spend": number,
"spend_eur": number | null,
"updated_at": string,
"via": string
            } | null,"partner_campaign_writes": {
              "account_id": string | null,
"attempts": number,
"campaign_id": string,
"created_at": string,
"field": string,
"finished_at": string | null,
"found": string | null,
"id": number,
"partner_id": string | null,
"queued_at": string,
"reason": string | null,
"request": Json | null,
"requested_by": string,
"sent_at": string | null,
"status": string,
"to_do": string,
"updated_at": string,
"value": string
            } | null,"partner_landing_page_stats": {
              "campaign_id": string | null,
"conversions": number,
"created_at": string,
"day": string,
"id": string,
"last_viewed_at": string | null,
"page_id": string,
"partner_id": string | null,
"source": string,
"updated_at": string,
"views": number,
"visitors": number
            } | null,"partner_leads": {
              "campaign_id": string | null,
"channel": string | null,
"created_at": string,
"erased_at": string | null,
"external_campaign_id": string | null,
"external_lead_id": string | null,
"first_campaign_id": string | null,
"first_source": string | null,
"id": string,
"is_test": boolean,
"lost_reason": string | null,
"outcome": string,
"page_id": string | null,
"partner_id": string | null,
"reason": string | null,
"source": string | null,
"status": string,
"submitted_at": string,
"updated_at": string
            } | null
                  }
                  ComputedFields: "partner_campaign_metrics" | "partner_campaign_writes" | "partner_landing_page_stats" | "partner_leads"
                  Insert: {
                    "ai_last_adjusted_at"?: string | null,"ai_managed"?: boolean,"avg_cpl"?: never,"channel": string,"committed_budget"?: never,"cpl_target"?: number | null,"created_at"?: string,"daily_budget"?: number | null,"ended_at"?: string | null,"external_campaign_id"?: string | null,"id"?: string,"monthly_budget"?: number | null,"partner_id"?: string | null,"platform_status"?: string | null,"platform_status_at"?: string | null,"segment_id"?: string | null,"spend_as_of"?: string | null,"started_at"?: string | null,"status"?: string,"total_clicks"?: number,"total_impressions"?: number,"total_leads"?: number,"total_spend"?: number | null,"unpriced_spend"?: Json | null,"updated_at"?: string
                  }
                  Update: {
                    "ai_last_adjusted_at"?: string | null,"ai_managed"?: boolean,"avg_cpl"?: never,"channel"?: string,"committed_budget"?: never,"cpl_target"?: number | null,"created_at"?: string,"daily_budget"?: number | null,"ended_at"?: string | null,"external_campaign_id"?: string | null,"id"?: string,"monthly_budget"?: number | null,"partner_id"?: string | null,"platform_status"?: string | null,"platform_status_at"?: string | null,"segment_id"?: string | null,"spend_as_of"?: string | null,"started_at"?: string | null,"status"?: string,"total_clicks"?: number,"total_impressions"?: number,"total_leads"?: number,"total_spend"?: number | null,"unpriced_spend"?: Json | null,"updated_at"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "partner_marketing_campaigns_partner_id_fkey"
      columns: ["partner_id"]
isOneToOne: false
      referencedRelation: "profiles"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "partner_marketing_campaigns_segment_id_fkey"
      columns: ["segment_id"]
isOneToOne: false
      referencedRelation: "lead_segments"
      referencedColumns: ["id"]
    }
                  ]
                },"partner_segments": {
                  Row: {
                    "created_at": string,"id": string,"is_active": boolean,"is_primary": boolean,"partner_id": string,"priority": number,"segment_id": string,"target_leads_per_week": number | null,"updated_at": string
                  }
                  ComputedFields: never
                  Insert: {
                    "created_at"?: string,"id"?: string,"is_active"?: boolean,"is_primary"?: boolean,"partner_id"?: string,"priority"?: number,"segment_id": string,"target_leads_per_week"?: number | null,"updated_at"?: string
                  }
                  Update: {
                    "created_at"?: string,"id"?: string,"is_active"?: boolean,"is_primary"?: boolean,"partner_id"?: string,"priority"?: number,"segment_id"?: string,"target_leads_per_week"?: number | null,"updated_at"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "partner_segments_partner_id_fkey"
      columns: ["partner_id"]
isOneToOne: false
      referencedRelation: "profiles"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "partner_segments_segment_id_fkey"
      columns: ["segment_id"]
isOneToOne: false
      referencedRelation: "lead_segments"
      referencedColumns: ["id"]
    }
                  ]
                },"profiles": {
                  Row: {
                    "auto_marketing_enabled": boolean,"brand_color": string | null,"created_at": string,"id": string,"is_admin": boolean,"logo_url": string | null,"marketing_mode": string,"monthly_marketing_budget": number | null,"partner_slug": string | null,"preferred_channels": (string)[],"tone_of_voice": string | null,"updated_at": string,"budget_pace": {
              "budget": number | null,
"channel": string | null,
"expected_at_end": number | null,
"expected_by_now": number | null,
"is_ahead": boolean | null,
"level": string | null,
"month": string | null,
"partner_id": string | null,
"partner_slug": string | null,
"segment_id": string | null,
"spend_as_of": string | null,
"spent": number | null
            } | null,"partner_campaign_metrics": {
              "account_id": string,
"as_of": string,
"campaign_id": string | null,
"channel": string,
"clicks": number,
"conversions": number | null,
"created_at": string,
"currency": string,
"day": string,
"external_campaign_id": string,
"impressions": number,
"is_absent": boolean,
"partner_id": string | null,
"rate_date": string | null,
"spend": number,
"spend_eur": number | null,
"updated_at": string,
"via": string
            } | null,"partner_campaign_writes": {
              "account_id": string | null,
"attempts": number,
"campaign_id": string,
"created_at": string,
"field": string,
"finished_at": string | null,
"found": string | null,
"id": number,
"partner_id": string | null,
"queued_at": string,
"reason": string | null,
"request": Json | null,
"requested_by": string,
"sent_at": string | null,
"status": string,
"to_do": string,
"updated_at": string,
"value": string
            } | null,"partner_landing_page_drops": {
              "attempts": number,
"created_at": string,
"day": string,
"id": string,
"page_id": string | null,
"partner_id": string | null,
"reason": string,
"updated_at": string
            } | null,"partner_landing_page_stats": {
              "campaign_id": string | null,
"conversions": number,
"created_at": string,
"day": string,
"id": string,
"last_viewed_at": string | null,
"page_id": string,
"partner_id": string | null,
"source": string,
"updated_at": string,
"views": number,
"visitors": number
            } | null,"partner_landing_page_submissions": {
              "created_at": string,
"decided_as": string | null,
"decided_at": string | null,
"decided_by": string | null,
"id": number,
"page_id": string,
"partner_id": string | null,
"reason": string | null,
"status": string,
"submitted_as": string,
"submitted_by": string | null,
"updated_at": string,
"version_id": string
            } | null,"partner_landing_page_transitions": {
              "actor": string,
"actor_id": string | null,
"created_at": string,
"from_status": string,
"id": number,
"page_id": string,
"partner_id": string | null,
"reason": string | null,
"to_status": string,
"updated_at": string,
"version_id": string | null
            } | null,"partner_landing_page_versions": {
              "content_hash": string,
"created_at": string,
"id": string,
"is_rerendered": boolean,
"number": number,
"page_id": string,
"partner_id": string | null,
"path": string,
"snapshot": NonNullable<Json>,
"updated_at": string
            } | null,"partner_landing_pages": {
              "content_bytes": number,
"content_json": NonNullable<Json>,
"conversions_count": number,
"created_at": string,
"created_by": string | null,
"editor_ids": (string)[],
"id": string,
"last_viewed_at": string | null,
"live_path": string | null,
"live_version_id": string | null,
"partner_id": string | null,
"path": string | null,
"previous_version_id": string | null,
"publish_at": string | null,
"published_at": string | null,
"segment_id": string | null,
"seo_description": string | null,
"seo_title": string | null,
"source": string,
"status": string,
"status_reason": string | null,
"submitted_version_id": string | null,
"subtitle": string | null,
"title": string,
"unpublish_at": string | null,
"updated_at": string,
"views_count": number
            } | null,"partner_lead_contacts": {
              "ads_consent_text": string | null,
"ads_consent_version": string | null,
"answers": NonNullable<Json>,
"consent_recipients": (string)[] | null,
"consent_text": string | null,
"consent_version": string | null,
"consented_at": string | null,
"content_hash": string | null,
"created_at": string,
"email": string | null,
"form_sha256": string | null,
"lead_id": string,
"message": string | null,
"name": string | null,
"partner_id": string | null,
"phone": string | null,
"postcode": string | null,
"tags": NonNullable<Json>,
"updated_at": string
            } | null,"partner_leads": {
              "campaign_id": string | null,
"channel": string | null,
"created_at": string,
"erased_at": string | null,
"external_campaign_id": string | null,
"external_lead_id": string | null,
"first_campaign_id": string | null,
"first_source": string | null,
"id": string,
"is_test": boolean,
"lost_reason": string | null,
"outcome": string,
"page_id": string | null,
"partner_id": string | null,
"reason": string | null,
"source": string | null,
"status": string,
"submitted_at": string,
"updated_at": string
            } | null,"partner_marketing_campaigns": {
              "ai_last_adjusted_at": string | null,
"ai_managed": boolean,
"avg_cpl": number | null,
"channel": string,
"committed_budget": number,
"cpl_target": number | null,
"created_at": string,
"daily_budget": number | null,
"ended_at": string | null,
"external_campaign_id": string | null,
"id": string,
"monthly_budget": number | null,
"partner_id": string | null,
"platform_status": string | null,
"platform_status_at": string | null,
"segment_id": string | null,
"spend_as_of": string | null,
"started_at": string | null,
"status": string,
"total_clicks": number,
"total_impressions": number,
"total_leads": number,
"total_spend": number | null,
"unpriced_spend": Json | null,
"updated_at": string
            } | null,"partner_segments": {
              "created_at": string,
"id": string,
"is_active": boolean,
"is_primary": boolean,
"partner_id": string,
"priority": number,
"segment_id": string,
"target_leads_per_week": number | null,
"updated_at": string
            } | null
                  }
                  ComputedFields: "budget_pace" | "partner_campaign_metrics" | "partner_campaign_writes" | "partner_landing_page_drops" | "partner_landing_page_stats" | "partner_landing_page_submissions" | "partner_landing_page_transitions" | "partner_landing_page_versions" | "partner_landing_pages" | "partner_lead_contacts" | "partner_leads" | "partner_marketing_campaigns" | "partner_segments"
                  Insert: {
                    "auto_marketing_enabled"?: boolean,"brand_color"?: string | null,"created_at"?: string,"id": string,"is_admin"?: boolean,"logo_url"?: string | null,"marketing_mode"?: string,"monthly_marketing_budget"?: number | null,"partner_slug"?: string | null,"preferred_channels"?: (string)[],"tone_of_voice"?: string | null,"updated_at"?: string
                  }
                  Update: {
                    "auto_marketing_enabled"?: boolean,"brand_color"?: string | null,"created_at"?: string,"id"?: string,"is_admin"?: boolean,"logo_url"?: string | null,"marketing_mode"?: string,"monthly_marketing_budget"?: number | null,"partner_slug"?: string | null,"preferred_channels"?: (string)[],"tone_of_voice"?: string | null,"updated_at"?: string
                  }
                  Relationships: [
                    
                  ]
                }
          }
          Views: {
            "budget_pace": {
                  Row: {
                    "budget": number | null,"channel": string | null,"expected_at_end": number | null,"expected_by_now": number | null,"is_ahead": boolean | null,"level": string | null,"month": string | null,"partner_id": string | null,"partner_slug": string | null,"segment_id": string | null,"spend_as_of": string | null,"spent": number | null
                  }
                  ComputedFields: never
                  Relationships: [
                    {
      foreignKeyName: "partner_marketing_campaigns_partner_id_fkey"
      columns: ["partner_id"]
isOneToOne: false
      referencedRelation: "profiles"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "partner_marketing_campaigns_segment_id_fkey"
      columns: ["segment_id"]
isOneToOne: false
      referencedRelation: "lead_segments"
      referencedColumns: ["id"]
    }
                  ]
                },"campaign_performance": {
                  Row: {
                    "avg_cpl": number | null,"channel": string,"committed_budget": number,"cpl_target": number | null,"external_campaign_id": string | null,"id": string,"is_over_budget": boolean | null,"is_over_target": boolean | null,"partner_slug": string | null,"platform_status": string | null,"spend_as_of": string | null,"spend_this_month": number | null,"status": string,"total_clicks": number,"total_impressions": number,"total_leads": number,"total_spend": number | null,"unpriced_spend": Json | null,"partner_campaign_metrics": {
              "account_id": string,
"as_of": string,
"campaign_id": string | null,
"channel": string,
"clicks": number,
"conversions": number | null,
"created_at": string,
"currency": string,
"day": string,
"external_campaign_id": string,
"impressions": number,
"is_absent": boolean,
"partner_id": string | null,
"rate_date": string | null,
"spend": number,
"spend_eur": number | null,
"updated_at": string,
"via": string
            } | null,"partner_campaign_writes": {
              "account_id": string | null,
"attempts": number,
"campaign_id": string,
"created_at": string,
"field": string,
"finished_at": string | null,
"found": string | null,
"id": number,
"partner_id": string | null,
"queued_at": string,
"reason": string | null,
"request": Json | null,
"requested_by": string,
"sent_at": string | null,
"status": string,
"to_do": string,
"updated_at": string,
"value": string
            } | null,"partner_landing_page_stats": {
              "campaign_id": string | null,
"conversions": number,
"created_at": string,
"day": string,
"id": string,
"last_viewed_at": string | null,
"page_id": string,
"partner_id": string | null,
"source": string,
"updated_at": string,
"views": number,
"visitors": number
            } | null,"partner_leads": {
              "campaign_id": string | null,
"channel": string | null,
"created_at": string,
"erased_at": string | null,
"external_campaign_id": string | null,
"external_lead_id": string | null,
"first_campaign_id": string | null,
"first_source": string | null,
"id": string,
"is_test": boolean,
"lost_reason": string | null,
"outcome": string,
"page_id": string | null,
"partner_id": string | null,
"reason": string | null,
"source": string | null,
"status": string,
"submitted_at": string,
"updated_at": string
            } | null
                  }
                  ComputedFields: "partner_campaign_metrics" | "partner_campaign_writes" | "partner_landing_page_stats" | "partner_leads"
                  Relationships: [
                    
                  ]
                },"landing_pages_in_review": {
                  Row: {
                    "content_hash": string,"id": string,"is_update": boolean | null,"partner_slug": string | null,"path": string,"preview_path": string | null,"publish_at": string | null,"source": string,"submitted_at": string,"submitted_by": string | null,"submitted_version_id": string | null,"title": string | null,"unpublish_at": string | null,"version": number,"partner_landing_page_drops": {
              "attempts": number,
"created_at": string,
"day": string,
"id": string,
"page_id": string | null,
"partner_id": string | null,
"reason": string,
"updated_at": string
            } | null,"partner_landing_page_stats": {
              "campaign_id": string | null,
"conversions": number,
"created_at": string,
"day": string,
"id": string,
"last_viewed_at": string | null,
"page_id": string,
"partner_id": string | null,
"source": string,
"updated_at": string,
"views": number,
"visitors": number
            } | null,"partner_landing_page_submissions": {
              "created_at": string,
"decided_as": string | null,
"decided_at": string | null,
"decided_by": string | null,
"id": number,
"page_id": string,
"partner_id": string | null,
"reason": string | null,
"status": string,
"submitted_as": string,
"submitted_by": string | null,
"updated_at": string,
"version_id": string
            } | null,"partner_landing_page_transitions": {
              "actor": string,
"actor_id": string | null,
"created_at": string,
"from_status": string,
"id": number,
"page_id": string,
"partner_id": string | null,
"reason": string | null,
"to_status": string,
"updated_at": string,
"version_id": string | null
            } | null,"partner_landing_page_versions": {
              "content_hash": string,
"created_at": string,
"id": string,
"is_rerendered": boolean,
"number": number,
"page_id": string,
"partner_id": string | null,
"path": string,
"snapshot": NonNullable<Json>,
"updated_at": string
            } | null,"partner_leads": {
              "campaign_id": string | null,
"channel": string | null,
"created_at": string,
"erased_at": string | null,
"external_campaign_id": string | null,
"external_lead_id": string | null,
"first_campaign_id": string | null,
"first_source": string | null,
"id": string,
"is_test": boolean,
"lost_reason": string | null,
"outcome": string,
"page_id": string | null,
"partner_id": string | null,
"reason": string | null,
"source": string | null,
"status": string,
"submitted_at": string,
"updated_at": string
            } | null
                  }
                  ComputedFields: "partner_landing_page_drops" | "partner_landing_page_stats" | "partner_landing_page_submissions" | "partner_landing_page_transitions" | "partner_landing_page_versions" | "partner_leads"
                  Relationships: [
                    
                  ]
                },"live_landing_pages": {
                  Row: {
                    "conversion_rate": number | null,"conversions_count": number,"has_update_in_review": boolean | null,"id": string,"last_viewed_at": string | null,"partner_slug": string | null,"path": string,"published_at": string | null,"served_until": string | null,"template_version": string | null,"title": string,"views_count": number,"partner_landing_page_drops": {
              "attempts": number,
"created_at": string,
"day": string,
"id": string,
"page_id": string | null,
"partner_id": string | null,
"reason": string,
"updated_at": string
            } | null,"partner_landing_page_stats": {
              "campaign_id": string | null,
"conversions": number,
"created_at": string,
"day": string,
"id": string,
"last_viewed_at": string | null,
"page_id": string,
"partner_id": string | null,
"source": string,
"updated_at": string,
"views": number,
"visitors": number
            } | null,"partner_landing_page_submissions": {
              "created_at": string,
"decided_as": string | null,
"decided_at": string | null,
"decided_by": string | null,
"id": number,
"page_id": string,
"partner_id": string | null,
"reason": string | null,
"status": string,
"submitted_as": string,
"submitted_by": string | null,
"updated_at": string,
"version_id": string
            } | null,"partner_landing_page_transitions": {
              "actor": string,
"actor_id": string | null,
"created_at": string,
"from_status": string,
"id": number,
"page_id": string,
"partner_id": string | null,
"reason": string | null,
"to_status": string,
"updated_at": string,
"version_id": string | null
            } | null,"partner_landing_page_versions": {
              "content_hash": string,
"created_at": string,
"id": string,
"is_rerendered": boolean,
"number": number,
"page_id": string,
"partner_id": string | null,
"path": string,
"snapshot": NonNullable<Json>,
"updated_at": string
            } | null,"partner_leads": {
              "campaign_id": string | null,
"channel": string | null,
"created_at": string,
"erased_at": string | null,
"external_campaign_id": string | null,
"external_lead_id": string | null,
"first_campaign_id": string | null,
"first_source": string | null,
"id": string,
"is_test": boolean,
"lost_reason": string | null,
"outcome": string,
"page_id": string | null,
"partner_id": string | null,
"reason": string | null,
"source": string | null,
"status": string,
"submitted_at": string,
"updated_at": string
            } | null
                  }
                  ComputedFields: "partner_landing_page_drops" | "partner_landing_page_stats" | "partner_landing_page_submissions" | "partner_landing_page_transitions" | "partner_landing_page_versions" | "partner_leads"
                  Relationships: [
                    
                  ]
                }
          }
          Functions: {
            "apply_sync_window":
{ Args: { "job_id": number,"lease": string }; Returns: boolean
                           },
"approve_landing_page":
{ Args: { "content_hash": string,"page_id": string }; Returns: Json
                           },
"archive_landing_page":
{ Args: { "page_id": string,"reason"?: string }; Returns: Json
                           },
"budget_pace":
{ Args: { "": Database["public"]['Tables']["lead_segments"]['Row'] }; Returns: { error: true } & "the function public.budget_pace with parameter or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache"
                          SetofOptions: {
        from: "lead_segments"
        to: "budget_pace"
        isOneToOne: false
        isSetofReturn: true
      } } |
{ Args: { "": Database["public"]['Tables']["profiles"]['Row'] }; Returns: { error: true } & "the function public.budget_pace with parameter or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache"
                          SetofOptions: {
        from: "profiles"
        to: "budget_pace"
        isOneToOne: false
        isSetofReturn: true
      } },
"connect_ad_account":
{ Args: { "connection": Json,"sealed": string }; Returns: Json
                           },
"counter_drift":
{ Args: Record<PropertyKey, never>; Returns: {
              "counter": string,"derived": string,"key": string,"relation": string,"stored": string
            }[]
                           },
"create_landing_page_preview":
{ Args: { "page_id": string,"version"?: number }; Returns: Json
                           },
"decide_campaign_write":
{ Args: { "decision": string,"write_id": number }; Returns: Json
                           },
"erase_lead":
{ Args: { "lead_id": string }; Returns: boolean
                           },
"erase_person":
{ Args: { "email"?: string,"phone"?: string }; Returns: number
                           },
"export_person":
{ Args: { "email"?: string,"phone"?: string }; Returns: Json
                           },
"fail_sync_job":
{ Args: { "failure": Json,"job_id": number,"lease": string }; Returns: undefined
                           },
"find_alerts":
{ Args: Record<PropertyKey, never>; Returns: {
              "detail": string,"kind": string,"raised_at": string,"subject": string
            }[]
                           },
"ingest_campaign_events":
{ Args: { "events": Json,"source": string }; Returns: Json
                           },
"judge_campaign_write":
{ Args: { "campaign": Json,"job_id": number,"lease": string,"may_send": boolean,"request": Json,"write_id": number }; Returns: string
                           },
"keep_credentials":
{ Args: { "consent_ends_at"?: string,"job_id": number,"lease": string,"sealed": string }; Returns: undefined
                           },
"landing_page_preview":
{ Args: { "token": string }; Returns: {
              "content_hash": string,"csp": string,"html_gzip": string,"signature": string
            }[]
                           },
"landing_page_report":
{ Args: { "since": string,"until": string }; Returns: Json
                           },
"landing_page_sitemap":
{ Args: { "number"?: number }; Returns: Json
                           },
"landing_page_snapshot":
{ Args: { "page_id": string,"template_version": string }; Returns: Json
                           },
"leave_sync":
{ Args: { "lease": string }; Returns: undefined
                           },
"link_campaign":
{ Args: { "campaign_id": string,"external_campaign_id": string }; Returns: Json
                           },
"live_landing_page":
{ Args: { "path": string }; Returns: {
              "content_hash": string,"csp": string,"html_gzip": string,"location": string,"seconds_left": number,"signature": string
            }[]
                           },
"live_landing_page_snapshot":
{ Args: { "page_id": string,"template_version": string }; Returns: Json
                           },
"maintain_page_events":
{ Args: Record<PropertyKey, never>; Returns: Json
                           },
"maintain_people":
{ Args: Record<PropertyKey, never>; Returns: Json
                           },
"maintain_sync":
{ Args: Record<PropertyKey, never>; Returns: Json
                           },
"my_leads":
{ Args: { "before_at"?: string,"before_id"?: string,"most"?: number }; Returns: Json
                           },
"note_conversion":
{ Args: { "conversion_id": number,"job_id": number,"lease": string,"result": Json }; Returns: undefined
                           },
"note_deliveries":
{ Args: { "results": Json }; Returns: number
                           },
"note_webhook_handshake":
{ Args: { "source": string }; Returns: undefined
                           },
"partner_campaign_metrics":
{ Args: { "": Database["public"]['Views']["campaign_performance"]['Row'] }; Returns: { error: true } & "the function public.partner_campaign_metrics with parameter or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache"
                          SetofOptions: {
        from: "campaign_performance"
        to: "partner_campaign_metrics"
        isOneToOne: false
        isSetofReturn: true
      } } |
{ Args: { "": Database["public"]['Tables']["partner_marketing_campaigns"]['Row'] }; Returns: { error: true } & "the function public.partner_campaign_metrics with parameter or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache"
                          SetofOptions: {
        from: "partner_marketing_campaigns"
        to: "partner_campaign_metrics"
        isOneToOne: false
        isSetofReturn: true
      } } |
{ Args: { "": Database["public"]['Tables']["profiles"]['Row'] }; Returns: { error: true } & "the function public.partner_campaign_metrics with parameter or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache"
                          SetofOptions: {
        from: "profiles"
        to: "partner_campaign_metrics"
        isOneToOne: false
        isSetofReturn: true
      } },
"partner_campaign_writes":
{ Args: { "": Database["public"]['Views']["campaign_performance"]['Row'] }; Returns: { error: true } & "the function public.partner_campaign_writes with parameter or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache"
                          SetofOptions: {
        from: "campaign_performance"
        to: "partner_campaign_writes"
        isOneToOne: false
        isSetofReturn: true
      } } |
{ Args: { "": Database["public"]['Tables']["partner_marketing_campaigns"]['Row'] }; Returns: { error: true } & "the function public.partner_campaign_writes with parameter or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache"
                          SetofOptions: {
        from: "partner_marketing_campaigns"
        to: "partner_campaign_writes"
        isOneToOne: false
        isSetofReturn: true
      } } |
{ Args: { "": Database["public"]['Tables']["profiles"]['Row'] }; Returns: { error: true } & "the function public.partner_campaign_writes with parameter or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache"
                          SetofOptions: {
        from: "profiles"
        to: "partner_campaign_writes"
        isOneToOne: false
        isSetofReturn: true
      } },
"partner_landing_page_drops":
{ Args: { "": Database["public"]['Views']["landing_pages_in_review"]['Row'] }; Returns: { error: true } & "the function public.partner_landing_page_drops with parameter or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache"
                          SetofOptions: {
        from: "landing_pages_in_review"
        to: "partner_landing_page_drops"
        isOneToOne: false
        isSetofReturn: true
      } } |
{ Args: { "": Database["public"]['Views']["live_landing_pages"]['Row'] }; Returns: { error: true } & "the function public.partner_landing_page_drops with parameter or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache"
                          SetofOptions: {
        from: "live_landing_pages"
        to: "partner_landing_page_drops"
        isOneToOne: false
        isSetofReturn: true
      } } |
{ Args: { "": Database["public"]['Tables']["partner_landing_pages"]['Row'] }; Returns: { error: true } & "the function public.partner_landing_page_drops with parameter or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache"
                          SetofOptions: {
        from: "partner_landing_pages"
        to: "partner_landing_page_drops"
        isOneToOne: false
        isSetofReturn: true
      } } |
{ Args: { "": Database["public"]['Tables']["profiles"]['Row'] }; Returns: { error: true } & "the function public.partner_landing_page_drops with parameter or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache"
                          SetofOptions: {
        from: "profiles"
        to: "partner_landing_page_drops"
        isOneToOne: false
        isSetofReturn: true
      } },
"partner_landing_page_stats":
{ Args: { "": Database["public"]['Views']["campaign_performance"]['Row'] }; Returns: { error: true } & "the function public.partner_landing_page_stats with parameter or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache"
                          SetofOptions: {
        from: "campaign_performance"
        to: "partner_landing_page_stats"
        isOneToOne: false
        isSetofReturn: true
      } } |
{ Args: { "": Database["public"]['Views']["landing_pages_in_review"]['Row'] }; Returns: { error: true } & "the function public.partner_landing_page_stats with parameter or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache"
                          SetofOptions: {
        from: "landing_pages_in_review"
        to: "partner_landing_page_stats"
        isOneToOne: false
        isSetofReturn: true
      } } |
{ Args: { "": Database["public"]['Views']["live_landing_pages"]['Row'] }; Returns: { error: true } & "the function public.partner_landing_page_stats with parameter or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache"
                          SetofOptions: {
        from: "live_landing_pages"
        to: "partner_landing_page_stats"
        isOneToOne: false
        isSetofReturn: true
      } } |
{ Args: { "": Database["public"]['Tables']["partner_landing_pages"]['Row'] }; Returns: { error: true } & "the function public.partner_landing_page_stats with parameter or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache"
                          SetofOptions: {
        from: "partner_landing_pages"
        to: "partner_landing_page_stats"
        isOneToOne: false
        isSetofReturn: true
      } } |
{ Args: { "": Database["public"]['Tables']["partner_marketing_campaigns"]['Row'] }; Returns: { error: true } & "the function public.partner_landing_page_stats with parameter or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache"
                          SetofOptions: {
        from: "partner_marketing_campaigns"
        to: "partner_landing_page_stats"
        isOneToOne: false
        isSetofReturn: true
      } } |
{ Args: { "": Database["public"]['Tables']["profiles"]['Row'] }; Returns: { error: true } & "the function public.partner_landing_page_stats with parameter or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache"
                          SetofOptions: {
        from: "profiles"
        to: "partner_landing_page_stats"
        isOneToOne: false
        isSetofReturn: true
      } },
"partner_landing_page_submissions":
{ Args: { "": Database["public"]['Views']["landing_pages_in_review"]['Row'] }; Returns: { error: true } & "the function public.partner_landing_page_submissions with parameter or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache"
                          SetofOptions: {
        from: "landing_pages_in_review"
        to: "partner_landing_page_submissions"
        isOneToOne: false
        isSetofReturn: true
      } } |
{ Args: { "": Database["public"]['Views']["live_landing_pages"]['Row'] }; Returns: { error: true } & "the function public.partner_landing_page_submissions with parameter or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache"
                          SetofOptions: {
        from: "live_landing_pages"
        to: "partner_landing_page_submissions"
        isOneToOne: false
        isSetofReturn: true
      } } |
{ Args: { "": Database["public"]['Tables']["partner_landing_page_versions"]['Row'] }; Returns: { error: true } & "the function public.partner_landing_page_submissions with parameter or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache"
                          SetofOptions: {
        from: "partner_landing_page_versions"
        to: "partner_landing_page_submissions"
        isOneToOne: false
        isSetofReturn: true
      } } |
{ Args: { "": Database["public"]['Tables']["partner_landing_pages"]['Row'] }; Returns: { error: true } & "the function public.partner_landing_page_submissions with parameter or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache"
                          SetofOptions: {
        from: "partner_landing_pages"
        to: "partner_landing_page_submissions"
        isOneToOne: false
        isSetofReturn: true
      } } |
{ Args: { "": Database["public"]['Tables']["profiles"]['Row'] }; Returns: { error: true } & "the function public.partner_landing_page_submissions with parameter or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache"
                          SetofOptions: {
        from: "profiles"
        to: "partner_landing_page_submissions"
        isOneToOne: false
        isSetofReturn: true
      } },
"partner_landing_page_transitions":
{ Args: { "": Database["public"]['Views']["landing_pages_in_review"]['Row'] }; Returns: { error: true } & "the function public.partner_landing_page_transitions with parameter or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache"
                          SetofOptions: {
        from: "landing_pages_in_review"
        to: "partner_landing_page_transitions"
        isOneToOne: false
        isSetofReturn: true
      } } |
{ Args: { "": Database["public"]['Views']["live_landing_pages"]['Row'] }; Returns: { error: true } & "the function public.partner_landing_page_transitions with parameter or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache"
                          SetofOptions: {
        from: "live_landing_pages"
        to: "partner_landing_page_transitions"
        isOneToOne: false
        isSetofReturn: true
      } } |
{ Args: { "": Database["public"]['Tables']["partner_landing_page_versions"]['Row'] }; Returns: { error: true } & "the function public.partner_landing_page_transitions with parameter or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache"
                          SetofOptions: {
        from: "partner_landing_page_versions"
        to: "partner_landing_page_transitions"
        isOneToOne: false
        isSetofReturn: true
      } } |
{ Args: { "": Database["public"]['Tables']["partner_landing_pages"]['Row'] }; Returns: { error: true } & "the function public.partner_landing_page_transitions with parameter or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache"
                          SetofOptions: {
        from: "partner_landing_pages"
        to: "partner_landing_page_transitions"
        isOneToOne: false
        isSetofReturn: true
      } } |
{ Args: { "": Database["public"]['Tables']["profiles"]['Row'] }; Returns: { error: true } & "the function public.partner_landing_page_transitions with parameter or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache"
                          SetofOptions: {
        from: "profiles"
        to: "partner_landing_page_transitions"
        isOneToOne: false
        isSetofReturn: true
      } },
"partner_landing_page_versions":
{ Args: { "": Database["public"]['Views']["landing_pages_in_review"]['Row'] }; Returns: { error: true } & "the function public.partner_landing_page_versions with parameter or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache"
                          SetofOptions: {
        from: "landing_pages_in_review"
        to: "partner_landing_page_versions"
        isOneToOne: false
        isSetofReturn: true
      } } |
{ Args: { "": Database["public"]['Views']["live_landing_pages"]['Row'] }; Returns: { error: true } & "the function public.partner_landing_page_versions with parameter or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache"
                          SetofOptions: {
        from: "live_landing_pages"
        to: "partner_landing_page_versions"
        isOneToOne: false
        isSetofReturn: true
      } } |
{ Args: { "": Database["public"]['Tables']["partner_landing_pages"]['Row'] }; Returns: { error: true } & "the function public.partner_landing_page_versions with parameter or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache"
                          SetofOptions: {
        from: "partner_landing_pages"
        to: "partner_landing_page_versions"
        isOneToOne: false
        isSetofReturn: true
      } } |
{ Args: { "": Database["public"]['Tables']["profiles"]['Row'] }; Returns: { error: true } & "the function public.partner_landing_page_versions with parameter or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache"
                          SetofOptions: {
        from: "profiles"
        to: "partner_landing_page_versions"
        isOneToOne: false
        isSetofReturn: true
      } },
"partner_landing_pages":
{ Args: { "": Database["public"]['Tables']["lead_segments"]['Row'] }; Returns: { error: true } & "the function public.partner_landing_pages with parameter or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache"
                          SetofOptions: {
        from: "lead_segments"
        to: "partner_landing_pages"
        isOneToOne: false
        isSetofReturn: true
      } } |
{ Args: { "": Database["public"]['Tables']["partner_landing_page_versions"]['Row'] }; Returns: { error: true } & "the function public.partner_landing_pages with parameter or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache"
                          SetofOptions: {
        from: "partner_landing_page_versions"
        to: "partner_landing_pages"
        isOneToOne: false
        isSetofReturn: true
      } } |
{ Args: { "": Database["public"]['Tables']["profiles"]['Row'] }; Returns: { error: true } & "the function public.partner_landing_pages with parameter or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache"
                          SetofOptions: {
        from: "profiles"
        to: "partner_landing_pages"
        isOneToOne: false
        isSetofReturn: true
      } },
"partner_lead_contacts":
{ Args: { "": Database["public"]['Tables']["profiles"]['Row'] }; Returns: { error: true } & "the function public.partner_lead_contacts with parameter or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache"
                          SetofOptions: {
        from: "profiles"
        to: "partner_lead_contacts"
        isOneToOne: false
        isSetofReturn: true
      } },
"partner_lead_conversions":
{ Args: { "": Database["public"]['Tables']["partner_leads"]['Row'] }; Returns: { error: true } & "the function public.partner_lead_conversions with parameter or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache"
                          SetofOptions: {
        from: "partner_leads"
        to: "partner_lead_conversions"
        isOneToOne: false
        isSetofReturn: true
      } },
"partner_lead_looks":
{ Args: { "": Database["public"]['Tables']["partner_leads"]['Row'] }; Returns: { error: true } & "the function public.partner_lead_looks with parameter or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache"
                          SetofOptions: {
        from: "partner_leads"
        to: "partner_lead_looks"
        isOneToOne: false
        isSetofReturn: true
      } },
"partner_lead_steps":
{ Args: { "": Database["public"]['Tables']["partner_leads"]['Row'] }; Returns: { error: true } & "the function public.partner_lead_steps with parameter or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache"
                          SetofOptions: {
        from: "partner_leads"
        to: "partner_lead_steps"
        isOneToOne: false
        isSetofReturn: true
      } },
"partner_leads":
{ Args: { "": Database["public"]['Views']["campaign_performance"]['Row'] }; Returns: { error: true } & "the function public.partner_leads with parameter or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache"
                          SetofOptions: {
        from: "campaign_performance"
        to: "partner_leads"
        isOneToOne: false
        isSetofReturn: true
      } } |
{ Args: { "": Database["public"]['Views']["landing_pages_in_review"]['Row'] }; Returns: { error: true } & "the function public.partner_leads with parameter or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache"
                          SetofOptions: {
        from: "landing_pages_in_review"
        to: "partner_leads"
        isOneToOne: false
        isSetofReturn: true
      } } |
{ Args: { "": Database["public"]['Views']["live_landing_pages"]['Row'] }; Returns: { error: true } & "the function public.partner_leads with parameter or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache"
                          SetofOptions: {
        from: "live_landing_pages"
        to: "partner_leads"
        isOneToOne: false
        isSetofReturn: true
      } } |
{ Args: { "": Database["public"]['Tables']["partner_landing_pages"]['Row'] }; Returns: { error: true } & "the function public.partner_leads with parameter or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache"
                          SetofOptions: {
        from: "partner_landing_pages"
        to: "partner_leads"
        isOneToOne: false
        isSetofReturn: true
      } } |
{ Args: { "": Database["public"]['Tables']["partner_lead_contacts"]['Row'] }; Returns: { error: true } & "the function public.partner_leads with parameter or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache"
                          SetofOptions: {
        from: "partner_lead_contacts"
        to: "partner_leads"
        isOneToOne: false
        isSetofReturn: true
      } } |
{ Args: { "": Database["public"]['Tables']["partner_marketing_campaigns"]['Row'] }; Returns: { error: true } & "the function public.partner_leads with parameter or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache"
                          SetofOptions: {
        from: "partner_marketing_campaigns"
        to: "partner_leads"
        isOneToOne: false
        isSetofReturn: true
      } } |
{ Args: { "": Database["public"]['Tables']["profiles"]['Row'] }; Returns: { error: true } & "the function public.partner_leads with parameter or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache"
                          SetofOptions: {
        from: "profiles"
        to: "partner_leads"
        isOneToOne: false
        isSetofReturn: true
      } },
"partner_marketing_campaigns":
{ Args: { "": Database["public"]['Tables']["lead_segments"]['Row'] }; Returns: { error: true } & "the function public.partner_marketing_campaigns with parameter or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache"
                          SetofOptions: {
        from: "lead_segments"
        to: "partner_marketing_campaigns"
        isOneToOne: false
        isSetofReturn: true
      } } |
{ Args: { "": Database["public"]['Tables']["profiles"]['Row'] }; Returns: { error: true } & "the function public.partner_marketing_campaigns with parameter or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache"
                          SetofOptions: {
        from: "profiles"
        to: "partner_marketing_campaigns"
        isOneToOne: false
        isSetofReturn: true
      } },
"partner_segments":
{ Args: { "": Database["public"]['Tables']["lead_segments"]['Row'] }; Returns: { error: true } & "the function public.partner_segments with parameter or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache"
                          SetofOptions: {
        from: "lead_segments"
        to: "partner_segments"
        isOneToOne: false
        isSetofReturn: true
      } } |
{ Args: { "": Database["public"]['Tables']["profiles"]['Row'] }; Returns: { error: true } & "the function public.partner_segments with parameter or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache"
                          SetofOptions: {
        from: "profiles"
        to: "partner_segments"
        isOneToOne: false
        isSetofReturn: true
      } },
"read_lead_person":
{ Args: { "lead_id": string }; Returns: {
              "ads_consent_text": string | null,
"ads_consent_version": string | null,
"answers": NonNullable<Json>,
"consent_recipients": (string)[] | null,
"consent_text": string | null,
"consent_version": string | null,
"consented_at": string | null,
"content_hash": string | null,
"created_at": string,
"email": string | null,
"form_sha256": string | null,
"lead_id": string,
"message": string | null,
"name": string | null,
"partner_id": string | null,
"phone": string | null,
"postcode": string | null,
"tags": NonNullable<Json>,
"updated_at": string
            }[]
                          SetofOptions: {
        from: "*"
        to: "partner_lead_contacts"
        isOneToOne: false
        isSetofReturn: true
      } },
"read_lead_webhook":
{ Args: Record<PropertyKey, never>; Returns: Json
                           },
"read_platform_apis":
{ Args: { "platform": string }; Returns: Json
                           },
"readiness":
{ Args: Record<PropertyKey, never>; Returns: string
                           },
"reassign_lead":
{ Args: { "lead_id": string,"partner_id": string }; Returns: string
                           },
"rebuild_counters":
{ Args: Record<PropertyKey, never>; Returns: number
                           },
"record_events":
{ Args: { "addresses": (number)[],"batch_id"?: string,"campaigns": (string)[],"drops"?: Json,"ids": (string)[],"kinds": (string)[],"networks": (number)[],"page_ids": (string)[],"received_at"?: string,"signals": (string)[],"sources": (string)[],"visitors": (number)[] }; Returns: (string)[]
                           },
"record_lead":
{ Args: { "lead": Json }; Returns: Json
                           },
"refuse_campaign_write":
{ Args: { "is_by_hand": boolean,"job_id": number,"lease": string,"reason": string,"write_id": number }; Returns: undefined
                           },
"reject_landing_page":
{ Args: { "page_id": string,"reason"?: string }; Returns: Json
                           },
"release_events":
{ Args: { "day": string,"page_id": string,"reason"?: string }; Returns: number
                           },
"release_lead":
{ Args: { "lead_id": string }; Returns: string
                           },
"replay_campaign_events":
{ Args: { "after_id"?: number,"selection": Json }; Returns: Json
                           },
"request_sync":
{ Args: { "account_id": string,"channel": string,"window_from": string,"window_to": string }; Returns: Json
                           },
"rerender_landing_page":
{ Args: { "content_hash": string,"page_id": string }; Returns: Json
                           },
"restore_landing_page":
{ Args: { "page_id": string }; Returns: Json
                           },
"revoke_landing_page_previews":
{ Args: { "page_id": string }; Returns: Json
                           },
"roll_back_landing_page":
{ Args: { "page_id": string,"version": number }; Returns: Json
                           },
"set_campaign_status":
{ Args: { "campaign_id": string,"status": string }; Returns: Json
                           },
"set_lead_status":
{ Args: { "lead_id": string,"lost_reason"?: string,"status": string }; Returns: string
                           },
"set_lead_webhook":
{ Args: { "url": string }; Returns: Json
                           },
"store_landing_page_document":
{ Args: { "content_hash": string,"csp": string,"html_gzip": string,"page_id": string,"signature": string,"template_version": string }; Returns: undefined
                           },
"store_rates":
{ Args: { "is_last": boolean,"job_id": number,"lease": string,"rates": Json,"source": string }; Returns: number
                           },
"store_sync_page":
{ Args: { "job_id": number,"lease": string,"page": Json }; Returns: boolean
                           },
"submit_landing_page":
{ Args: { "content_hash": string,"page_id": string }; Returns: Json
                           },
"sync_progress":
{ Args: { "account_id": string,"channel": string }; Returns: Json
                           },
"take_campaign_write":
{ Args: { "job_id": number,"lease": string }; Returns: Json
                           },
"take_conversion":
{ Args: { "job_id": number,"lease": string }; Returns: Json
                           },
"take_deliveries":
{ Args: { "kind": string,"most"?: number }; Returns: Json
                           },
"take_sync_job":
{ Args: { "lease": string }; Returns: Json
                           },
"visitor_salt":
{ Args: { "day": string }; Returns: string
                           }
          }
          Enums: {
            [_ in never]: never
          }
          CompositeTypes: {
            [_ in never]: never
          }
        }
}

type DatabaseWithoutInternals = Omit<Database, '__InternalSupabase'>

type DefaultSchema = DatabaseWithoutInternals[Extract<keyof Database, "public">]

export type Tables<
  DefaultSchemaTableNameOrOptions extends
    | keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals
  }
    ? keyof (DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"] &
        DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"])
    : never = never
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? (DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"] &
      DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"])[TableName] extends {
      Row: infer R
    }
    ? R
    : never
  : DefaultSchemaTableNameOrOptions extends keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
  ? (DefaultSchema["Tables"] & DefaultSchema["Views"])[DefaultSchemaTableNameOrOptions] extends {
      Row: infer R
    }
    ? R
    : never
  : never

export type TablesInsert<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema["Tables"]
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never = never
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends {
      Insert: infer I
    }
    ? I
    : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
  ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
      Insert: infer I
    }
    ? I
    : never
  : never

export type TablesUpdate<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema["Tables"]
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never = never
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends {
      Update: infer U
    }
    ? U
    : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
  ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
      Update: infer U
    }
    ? U
    : never
  : never

export type Enums<
  DefaultSchemaEnumNameOrOptions extends
    | keyof DefaultSchema["Enums"]
    | { schema: keyof DatabaseWithoutInternals },
  EnumName extends DefaultSchemaEnumNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"]
    : never = never
> = DefaultSchemaEnumNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"][EnumName]
  : DefaultSchemaEnumNameOrOptions extends keyof DefaultSchema["Enums"]
  ? DefaultSchema["Enums"][DefaultSchemaEnumNameOrOptions]
  : never

export type CompositeTypes<
  PublicCompositeTypeNameOrOptions extends
    | keyof DefaultSchema["CompositeTypes"]
    | { schema: keyof DatabaseWithoutInternals },
  CompositeTypeName extends PublicCompositeTypeNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals
  }
    ? keyof DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"]
    : never = never
> = PublicCompositeTypeNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"][CompositeTypeName]
  : PublicCompositeTypeNameOrOptions extends keyof DefaultSchema["CompositeTypes"]
  ? DefaultSchema["CompositeTypes"][PublicCompositeTypeNameOrOptions]
  : never

export const Constants = {
  "public": {
          Enums: {
            
          }
        }
} as const
