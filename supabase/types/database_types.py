from __future__ import annotations

import datetime
import uuid
from typing import (
    Annotated,
    Any,
    List,
    Literal,
    Optional,
    TypedDict,
)
from typing_extensions import NotRequired, TypeAlias

from pydantic import BaseModel, Field, JsonValue



class PublicLeadSegments(BaseModel):
    created_at: datetime.datetime = Field(alias="created_at")
    id: uuid.UUID = Field(alias="id")
    region: str = Field(alias="region")
    trade: str = Field(alias="trade")
    updated_at: datetime.datetime = Field(alias="updated_at")

class PublicLeadSegmentsInsert(TypedDict):
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    region: Annotated[str, Field(alias="region")]
    trade: Annotated[str, Field(alias="trade")]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]

class PublicLeadSegmentsUpdate(TypedDict):
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    region: NotRequired[Annotated[str, Field(alias="region")]]
    trade: NotRequired[Annotated[str, Field(alias="trade")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]

class PublicPartnerCampaignMetrics(BaseModel):
    account_id: str = Field(alias="account_id")
    as_of: datetime.datetime = Field(alias="as_of")
    campaign_id: Optional[uuid.UUID] = Field(alias="campaign_id")
    channel: str = Field(alias="channel")
    clicks: int = Field(alias="clicks")
    conversions: Optional[float] = Field(alias="conversions")
    created_at: datetime.datetime = Field(alias="created_at")
    currency: str = Field(alias="currency")
    day: datetime.date = Field(alias="day")
    external_campaign_id: str = Field(alias="external_campaign_id")
    impressions: int = Field(alias="impressions")
    is_absent: bool = Field(alias="is_absent")
    partner_id: Optional[uuid.UUID] = Field(alias="partner_id")
    rate_date: Optional[datetime.date] = Field(alias="rate_date")
    spend: float = Field(alias="spend")
    spend_eur: Optional[float] = Field(alias="spend_eur")
    updated_at: datetime.datetime = Field(alias="updated_at")
    via: str = Field(alias="via")

class PublicPartnerCampaignMetricsInsert(TypedDict):
    account_id: Annotated[str, Field(alias="account_id")]
    as_of: Annotated[datetime.datetime, Field(alias="as_of")]
    campaign_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="campaign_id")]]
    channel: Annotated[str, Field(alias="channel")]
    clicks: Annotated[int, Field(alias="clicks")]
    conversions: NotRequired[Annotated[Optional[float], Field(alias="conversions")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    currency: Annotated[str, Field(alias="currency")]
    day: Annotated[datetime.date, Field(alias="day")]
    external_campaign_id: Annotated[str, Field(alias="external_campaign_id")]
    impressions: Annotated[int, Field(alias="impressions")]
    is_absent: NotRequired[Annotated[bool, Field(alias="is_absent")]]
    partner_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="partner_id")]]
    rate_date: NotRequired[Annotated[Optional[datetime.date], Field(alias="rate_date")]]
    spend: Annotated[float, Field(alias="spend")]
    spend_eur: NotRequired[Annotated[Optional[float], Field(alias="spend_eur")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]
    via: Annotated[str, Field(alias="via")]

class PublicPartnerCampaignMetricsUpdate(TypedDict):
    account_id: NotRequired[Annotated[str, Field(alias="account_id")]]
    as_of: NotRequired[Annotated[datetime.datetime, Field(alias="as_of")]]
    campaign_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="campaign_id")]]
    channel: NotRequired[Annotated[str, Field(alias="channel")]]
    clicks: NotRequired[Annotated[int, Field(alias="clicks")]]
    conversions: NotRequired[Annotated[Optional[float], Field(alias="conversions")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    currency: NotRequired[Annotated[str, Field(alias="currency")]]
    day: NotRequired[Annotated[datetime.date, Field(alias="day")]]
    external_campaign_id: NotRequired[Annotated[str, Field(alias="external_campaign_id")]]
    impressions: NotRequired[Annotated[int, Field(alias="impressions")]]
    is_absent: NotRequired[Annotated[bool, Field(alias="is_absent")]]
    partner_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="partner_id")]]
    rate_date: NotRequired[Annotated[Optional[datetime.date], Field(alias="rate_date")]]
    spend: NotRequired[Annotated[float, Field(alias="spend")]]
    spend_eur: NotRequired[Annotated[Optional[float], Field(alias="spend_eur")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]
    via: NotRequired[Annotated[str, Field(alias="via")]]

class PublicPartnerCampaignWrites(BaseModel):
    account_id: Optional[str] = Field(alias="account_id")
    attempts: int = Field(alias="attempts")
    campaign_id: uuid.UUID = Field(alias="campaign_id")
    created_at: datetime.datetime = Field(alias="created_at")
    field: str = Field(alias="field")
    finished_at: Optional[datetime.datetime] = Field(alias="finished_at")
    found: Optional[str] = Field(alias="found")
    id: int = Field(alias="id")
    partner_id: Optional[uuid.UUID] = Field(alias="partner_id")
    queued_at: datetime.datetime = Field(alias="queued_at")
    reason: Optional[str] = Field(alias="reason")
    request: Optional[JsonValue] = Field(alias="request")
    requested_by: str = Field(alias="requested_by")
    sent_at: Optional[datetime.datetime] = Field(alias="sent_at")
    status: str = Field(alias="status")
    to_do: str = Field(alias="to_do")
    updated_at: datetime.datetime = Field(alias="updated_at")
    value: str = Field(alias="value")

class PublicPartnerCampaignWritesInsert(TypedDict):
    account_id: NotRequired[Annotated[Optional[str], Field(alias="account_id")]]
    attempts: NotRequired[Annotated[int, Field(alias="attempts")]]
    campaign_id: Annotated[uuid.UUID, Field(alias="campaign_id")]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    field: Annotated[str, Field(alias="field")]
    finished_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="finished_at")]]
    found: NotRequired[Annotated[Optional[str], Field(alias="found")]]
    id: NotRequired[Annotated[int, Field(alias="id")]]
    partner_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="partner_id")]]
    queued_at: NotRequired[Annotated[datetime.datetime, Field(alias="queued_at")]]
    reason: NotRequired[Annotated[Optional[str], Field(alias="reason")]]
    request: NotRequired[Annotated[Optional[JsonValue], Field(alias="request")]]
    requested_by: Annotated[str, Field(alias="requested_by")]
    sent_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="sent_at")]]
    status: Annotated[str, Field(alias="status")]
    to_do: Annotated[str, Field(alias="to_do")]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]
    value: Annotated[str, Field(alias="value")]

class PublicPartnerCampaignWritesUpdate(TypedDict):
    account_id: NotRequired[Annotated[Optional[str], Field(alias="account_id")]]
    attempts: NotRequired[Annotated[int, Field(alias="attempts")]]
    campaign_id: NotRequired[Annotated[uuid.UUID, Field(alias="campaign_id")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    field: NotRequired[Annotated[str, Field(alias="field")]]
    finished_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="finished_at")]]
    found: NotRequired[Annotated[Optional[str], Field(alias="found")]]
    id: NotRequired[Annotated[int, Field(alias="id")]]
    partner_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="partner_id")]]
    queued_at: NotRequired[Annotated[datetime.datetime, Field(alias="queued_at")]]
    reason: NotRequired[Annotated[Optional[str], Field(alias="reason")]]
    request: NotRequired[Annotated[Optional[JsonValue], Field(alias="request")]]
    requested_by: NotRequired[Annotated[str, Field(alias="requested_by")]]
    sent_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="sent_at")]]
    status: NotRequired[Annotated[str, Field(alias="status")]]
    to_do: NotRequired[Annotated[str, Field(alias="to_do")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]
    value: NotRequired[Annotated[str, Field(alias="value")]]

class PublicPartnerLandingPageDrops(BaseModel):
    attempts: int = Field(alias="attempts")
    created_at: datetime.datetime = Field(alias="created_at")
    day: datetime.date = Field(alias="day")
    id: uuid.UUID = Field(alias="id")
    page_id: Optional[uuid.UUID] = Field(alias="page_id")
    partner_id: Optional[uuid.UUID] = Field(alias="partner_id")
    reason: str = Field(alias="reason")
    updated_at: datetime.datetime = Field(alias="updated_at")

class PublicPartnerLandingPageDropsInsert(TypedDict):
    attempts: Annotated[int, Field(alias="attempts")]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    day: Annotated[datetime.date, Field(alias="day")]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    page_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="page_id")]]
    partner_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="partner_id")]]
    reason: Annotated[str, Field(alias="reason")]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]

class PublicPartnerLandingPageDropsUpdate(TypedDict):
    attempts: NotRequired[Annotated[int, Field(alias="attempts")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    day: NotRequired[Annotated[datetime.date, Field(alias="day")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    page_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="page_id")]]
    partner_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="partner_id")]]
    reason: NotRequired[Annotated[str, Field(alias="reason")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]

class PublicPartnerLandingPageStats(BaseModel):
    campaign_id: Optional[uuid.UUID] = Field(alias="campaign_id")
    conversions: int = Field(alias="conversions")
    created_at: datetime.datetime = Field(alias="created_at")
    day: datetime.date = Field(alias="day")
    id: uuid.UUID = Field(alias="id")
    last_viewed_at: Optional[datetime.datetime] = Field(alias="last_viewed_at")
    page_id: uuid.UUID = Field(alias="page_id")
    partner_id: Optional[uuid.UUID] = Field(alias="partner_id")
    source: str = Field(alias="source")
    updated_at: datetime.datetime = Field(alias="updated_at")
    views: int = Field(alias="views")
    visitors: int = Field(alias="visitors")

class PublicPartnerLandingPageStatsInsert(TypedDict):
    campaign_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="campaign_id")]]
    conversions: NotRequired[Annotated[int, Field(alias="conversions")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    day: Annotated[datetime.date, Field(alias="day")]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    last_viewed_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="last_viewed_at")]]
    page_id: Annotated[uuid.UUID, Field(alias="page_id")]
    partner_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="partner_id")]]
    source: Annotated[str, Field(alias="source")]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]
    views: NotRequired[Annotated[int, Field(alias="views")]]
    visitors: NotRequired[Annotated[int, Field(alias="visitors")]]

class PublicPartnerLandingPageStatsUpdate(TypedDict):
    campaign_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="campaign_id")]]
    conversions: NotRequired[Annotated[int, Field(alias="conversions")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    day: NotRequired[Annotated[datetime.date, Field(alias="day")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    last_viewed_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="last_viewed_at")]]
    page_id: NotRequired[Annotated[uuid.UUID, Field(alias="page_id")]]
    partner_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="partner_id")]]
    source: NotRequired[Annotated[str, Field(alias="source")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]
    views: NotRequired[Annotated[int, Field(alias="views")]]
    visitors: NotRequired[Annotated[int, Field(alias="visitors")]]

class PublicPartnerLandingPageSubmissions(BaseModel):
    created_at: datetime.datetime = Field(alias="created_at")
    decided_as: Optional[str] = Field(alias="decided_as")
    decided_at: Optional[datetime.datetime] = Field(alias="decided_at")
    decided_by: Optional[uuid.UUID] = Field(alias="decided_by")
    id: int = Field(alias="id")
    page_id: uuid.UUID = Field(alias="page_id")
    partner_id: Optional[uuid.UUID] = Field(alias="partner_id")
    reason: Optional[str] = Field(alias="reason")
    status: str = Field(alias="status")
    submitted_as: str = Field(alias="submitted_as")
    submitted_by: Optional[uuid.UUID] = Field(alias="submitted_by")
    updated_at: datetime.datetime = Field(alias="updated_at")
    version_id: uuid.UUID = Field(alias="version_id")

class PublicPartnerLandingPageSubmissionsInsert(TypedDict):
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    decided_as: NotRequired[Annotated[Optional[str], Field(alias="decided_as")]]
    decided_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="decided_at")]]
    decided_by: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="decided_by")]]
    id: NotRequired[Annotated[int, Field(alias="id")]]
    page_id: Annotated[uuid.UUID, Field(alias="page_id")]
    partner_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="partner_id")]]
    reason: NotRequired[Annotated[Optional[str], Field(alias="reason")]]
    status: NotRequired[Annotated[str, Field(alias="status")]]
    submitted_as: Annotated[str, Field(alias="submitted_as")]
    submitted_by: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="submitted_by")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]
    version_id: Annotated[uuid.UUID, Field(alias="version_id")]

class PublicPartnerLandingPageSubmissionsUpdate(TypedDict):
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    decided_as: NotRequired[Annotated[Optional[str], Field(alias="decided_as")]]
    decided_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="decided_at")]]
    decided_by: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="decided_by")]]
    id: NotRequired[Annotated[int, Field(alias="id")]]
    page_id: NotRequired[Annotated[uuid.UUID, Field(alias="page_id")]]
    partner_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="partner_id")]]
    reason: NotRequired[Annotated[Optional[str], Field(alias="reason")]]
    status: NotRequired[Annotated[str, Field(alias="status")]]
    submitted_as: NotRequired[Annotated[str, Field(alias="submitted_as")]]
    submitted_by: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="submitted_by")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]
    version_id: NotRequired[Annotated[uuid.UUID, Field(alias="version_id")]]

class PublicPartnerLandingPageTransitions(BaseModel):
    actor: str = Field(alias="actor")
    actor_id: Optional[uuid.UUID] = Field(alias="actor_id")
    created_at: datetime.datetime = Field(alias="created_at")
    from_status: str = Field(alias="from_status")
    id: int = Field(alias="id")
    page_id: uuid.UUID = Field(alias="page_id")
    partner_id: Optional[uuid.UUID] = Field(alias="partner_id")
    reason: Optional[str] = Field(alias="reason")
    to_status: str = Field(alias="to_status")
    updated_at: datetime.datetime = Field(alias="updated_at")
    version_id: Optional[uuid.UUID] = Field(alias="version_id")

class PublicPartnerLandingPageTransitionsInsert(TypedDict):
    actor: Annotated[str, Field(alias="actor")]
    actor_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="actor_id")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    from_status: Annotated[str, Field(alias="from_status")]
    id: NotRequired[Annotated[int, Field(alias="id")]]
    page_id: Annotated[uuid.UUID, Field(alias="page_id")]
    partner_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="partner_id")]]
    reason: NotRequired[Annotated[Optional[str], Field(alias="reason")]]
    to_status: Annotated[str, Field(alias="to_status")]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]
    version_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="version_id")]]

class PublicPartnerLandingPageTransitionsUpdate(TypedDict):
    actor: NotRequired[Annotated[str, Field(alias="actor")]]
    actor_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="actor_id")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    from_status: NotRequired[Annotated[str, Field(alias="from_status")]]
    id: NotRequired[Annotated[int, Field(alias="id")]]
    page_id: NotRequired[Annotated[uuid.UUID, Field(alias="page_id")]]
    partner_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="partner_id")]]
    reason: NotRequired[Annotated[Optional[str], Field(alias="reason")]]
    to_status: NotRequired[Annotated[str, Field(alias="to_status")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]
    version_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="version_id")]]

class PublicPartnerLandingPageVersions(BaseModel):
    content_hash: str = Field(alias="content_hash")
    created_at: datetime.datetime = Field(alias="created_at")
    id: uuid.UUID = Field(alias="id")
    is_rerendered: bool = Field(alias="is_rerendered")
    number: int = Field(alias="number")
    page_id: uuid.UUID = Field(alias="page_id")
    partner_id: Optional[uuid.UUID] = Field(alias="partner_id")
    path: str = Field(alias="path")
    snapshot: JsonValue = Field(alias="snapshot")
    updated_at: datetime.datetime = Field(alias="updated_at")

class PublicPartnerLandingPageVersionsInsert(TypedDict):
    content_hash: Annotated[str, Field(alias="content_hash")]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    is_rerendered: NotRequired[Annotated[bool, Field(alias="is_rerendered")]]
    number: Annotated[int, Field(alias="number")]
    page_id: Annotated[uuid.UUID, Field(alias="page_id")]
    partner_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="partner_id")]]
    path: Annotated[str, Field(alias="path")]
    snapshot: Annotated[JsonValue, Field(alias="snapshot")]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]

class PublicPartnerLandingPageVersionsUpdate(TypedDict):
    content_hash: NotRequired[Annotated[str, Field(alias="content_hash")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    is_rerendered: NotRequired[Annotated[bool, Field(alias="is_rerendered")]]
    number: NotRequired[Annotated[int, Field(alias="number")]]
    page_id: NotRequired[Annotated[uuid.UUID, Field(alias="page_id")]]
    partner_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="partner_id")]]
    path: NotRequired[Annotated[str, Field(alias="path")]]
    snapshot: NotRequired[Annotated[JsonValue, Field(alias="snapshot")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]

class PublicPartnerLandingPages(BaseModel):
    content_bytes: int = Field(alias="content_bytes")
    content_json: JsonValue = Field(alias="content_json")
    conversions_count: int = Field(alias="conversions_count")
    created_at: datetime.datetime = Field(alias="created_at")
    created_by: Optional[uuid.UUID] = Field(alias="created_by")
    editor_ids: List[uuid.UUID] = Field(alias="editor_ids")
    id: uuid.UUID = Field(alias="id")
    last_viewed_at: Optional[datetime.datetime] = Field(alias="last_viewed_at")
    live_path: Optional[str] = Field(alias="live_path")
    live_version_id: Optional[uuid.UUID] = Field(alias="live_version_id")
    partner_id: Optional[uuid.UUID] = Field(alias="partner_id")
    path: Optional[str] = Field(alias="path")
    previous_version_id: Optional[uuid.UUID] = Field(alias="previous_version_id")
    publish_at: Optional[datetime.datetime] = Field(alias="publish_at")
    published_at: Optional[datetime.datetime] = Field(alias="published_at")
    segment_id: Optional[uuid.UUID] = Field(alias="segment_id")
    seo_description: Optional[str] = Field(alias="seo_description")
    seo_title: Optional[str] = Field(alias="seo_title")
    source: str = Field(alias="source")
    status: str = Field(alias="status")
    status_reason: Optional[str] = Field(alias="status_reason")
    submitted_version_id: Optional[uuid.UUID] = Field(alias="submitted_version_id")
    subtitle: Optional[str] = Field(alias="subtitle")
    title: str = Field(alias="title")
    unpublish_at: Optional[datetime.datetime] = Field(alias="unpublish_at")
    updated_at: datetime.datetime = Field(alias="updated_at")
    views_count: int = Field(alias="views_count")

class PublicPartnerLandingPagesInsert(TypedDict):
    content_bytes: NotRequired[Annotated[int, Field(alias="content_bytes")]]
    content_json: NotRequired[Annotated[JsonValue, Field(alias="content_json")]]
    conversions_count: NotRequired[Annotated[int, Field(alias="conversions_count")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    created_by: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="created_by")]]
    editor_ids: NotRequired[Annotated[List[uuid.UUID], Field(alias="editor_ids")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    last_viewed_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="last_viewed_at")]]
    live_path: NotRequired[Annotated[Optional[str], Field(alias="live_path")]]
    live_version_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="live_version_id")]]
    partner_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="partner_id")]]
    path: NotRequired[Annotated[Optional[str], Field(alias="path")]]
    previous_version_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="previous_version_id")]]
    publish_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="publish_at")]]
    published_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="published_at")]]
    segment_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="segment_id")]]
    seo_description: NotRequired[Annotated[Optional[str], Field(alias="seo_description")]]
    seo_title: NotRequired[Annotated[Optional[str], Field(alias="seo_title")]]
    source: NotRequired[Annotated[str, Field(alias="source")]]
    status: NotRequired[Annotated[str, Field(alias="status")]]
    status_reason: NotRequired[Annotated[Optional[str], Field(alias="status_reason")]]
    submitted_version_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="submitted_version_id")]]
    subtitle: NotRequired[Annotated[Optional[str], Field(alias="subtitle")]]
    title: Annotated[str, Field(alias="title")]
    unpublish_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="unpublish_at")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]
    views_count: NotRequired[Annotated[int, Field(alias="views_count")]]

class PublicPartnerLandingPagesUpdate(TypedDict):
    content_bytes: NotRequired[Annotated[int, Field(alias="content_bytes")]]
    content_json: NotRequired[Annotated[JsonValue, Field(alias="content_json")]]
    conversions_count: NotRequired[Annotated[int, Field(alias="conversions_count")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    created_by: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="created_by")]]
    editor_ids: NotRequired[Annotated[List[uuid.UUID], Field(alias="editor_ids")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    last_viewed_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="last_viewed_at")]]
    live_path: NotRequired[Annotated[Optional[str], Field(alias="live_path")]]
    live_version_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="live_version_id")]]
    partner_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="partner_id")]]
    path: NotRequired[Annotated[Optional[str], Field(alias="path")]]
    previous_version_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="previous_version_id")]]
    publish_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="publish_at")]]
    published_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="published_at")]]
    segment_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="segment_id")]]
    seo_description: NotRequired[Annotated[Optional[str], Field(alias="seo_description")]]
    seo_title: NotRequired[Annotated[Optional[str], Field(alias="seo_title")]]
    source: NotRequired[Annotated[str, Field(alias="source")]]
    status: NotRequired[Annotated[str, Field(alias="status")]]
    status_reason: NotRequired[Annotated[Optional[str], Field(alias="status_reason")]]
    submitted_version_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="submitted_version_id")]]
    subtitle: NotRequired[Annotated[Optional[str], Field(alias="subtitle")]]
    title: NotRequired[Annotated[str, Field(alias="title")]]
    unpublish_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="unpublish_at")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]
    views_count: NotRequired[Annotated[int, Field(alias="views_count")]]

class PublicPartnerLeadContacts(BaseModel):
    ads_consent_text: Optional[str] = Field(alias="ads_consent_text")
    ads_consent_version: Optional[str] = Field(alias="ads_consent_version")
    answers: JsonValue = Field(alias="answers")
    consent_recipients: Optional[List[str]] = Field(alias="consent_recipients")
    consent_text: Optional[str] = Field(alias="consent_text")
    consent_version: Optional[str] = Field(alias="consent_version")
    consented_at: Optional[datetime.datetime] = Field(alias="consented_at")
    content_hash: Optional[str] = Field(alias="content_hash")
    created_at: datetime.datetime = Field(alias="created_at")
    email: Optional[str] = Field(alias="email")
    form_sha256: Optional[str] = Field(alias="form_sha256")
    lead_id: uuid.UUID = Field(alias="lead_id")
    message: Optional[str] = Field(alias="message")
    name: Optional[str] = Field(alias="name")
    partner_id: Optional[uuid.UUID] = Field(alias="partner_id")
    phone: Optional[str] = Field(alias="phone")
    postcode: Optional[str] = Field(alias="postcode")
    tags: JsonValue = Field(alias="tags")
    updated_at: datetime.datetime = Field(alias="updated_at")

class PublicPartnerLeadContactsInsert(TypedDict):
    ads_consent_text: NotRequired[Annotated[Optional[str], Field(alias="ads_consent_text")]]
    ads_consent_version: NotRequired[Annotated[Optional[str], Field(alias="ads_consent_version")]]
    answers: NotRequired[Annotated[JsonValue, Field(alias="answers")]]
    consent_recipients: NotRequired[Annotated[Optional[List[str]], Field(alias="consent_recipients")]]
    consent_text: NotRequired[Annotated[Optional[str], Field(alias="consent_text")]]
    consent_version: NotRequired[Annotated[Optional[str], Field(alias="consent_version")]]
    consented_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="consented_at")]]
    content_hash: NotRequired[Annotated[Optional[str], Field(alias="content_hash")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    email: NotRequired[Annotated[Optional[str], Field(alias="email")]]
    form_sha256: NotRequired[Annotated[Optional[str], Field(alias="form_sha256")]]
    lead_id: Annotated[uuid.UUID, Field(alias="lead_id")]
    message: NotRequired[Annotated[Optional[str], Field(alias="message")]]
    name: NotRequired[Annotated[Optional[str], Field(alias="name")]]
    partner_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="partner_id")]]
    phone: NotRequired[Annotated[Optional[str], Field(alias="phone")]]
    postcode: NotRequired[Annotated[Optional[str], Field(alias="postcode")]]
    tags: NotRequired[Annotated[JsonValue, Field(alias="tags")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]

class PublicPartnerLeadContactsUpdate(TypedDict):
    ads_consent_text: NotRequired[Annotated[Optional[str], Field(alias="ads_consent_text")]]
    ads_consent_version: NotRequired[Annotated[Optional[str], Field(alias="ads_consent_version")]]
    answers: NotRequired[Annotated[JsonValue, Field(alias="answers")]]
    consent_recipients: NotRequired[Annotated[Optional[List[str]], Field(alias="consent_recipients")]]
    consent_text: NotRequired[Annotated[Optional[str], Field(alias="consent_text")]]
    consent_version: NotRequired[Annotated[Optional[str], Field(alias="consent_version")]]
    consented_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="consented_at")]]
    content_hash: NotRequired[Annotated[Optional[str], Field(alias="content_hash")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    email: NotRequired[Annotated[Optional[str], Field(alias="email")]]
    form_sha256: NotRequired[Annotated[Optional[str], Field(alias="form_sha256")]]
    lead_id: NotRequired[Annotated[uuid.UUID, Field(alias="lead_id")]]
    message: NotRequired[Annotated[Optional[str], Field(alias="message")]]
    name: NotRequired[Annotated[Optional[str], Field(alias="name")]]
    partner_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="partner_id")]]
    phone: NotRequired[Annotated[Optional[str], Field(alias="phone")]]
    postcode: NotRequired[Annotated[Optional[str], Field(alias="postcode")]]
    tags: NotRequired[Annotated[JsonValue, Field(alias="tags")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]

class PublicPartnerLeadConversions(BaseModel):
    account_id: str = Field(alias="account_id")
    attempts: int = Field(alias="attempts")
    channel: str = Field(alias="channel")
    created_at: datetime.datetime = Field(alias="created_at")
    due_at: Optional[datetime.datetime] = Field(alias="due_at")
    finished_at: Optional[datetime.datetime] = Field(alias="finished_at")
    happened_at: datetime.datetime = Field(alias="happened_at")
    id: int = Field(alias="id")
    lead_id: uuid.UUID = Field(alias="lead_id")
    partner_id: Optional[uuid.UUID] = Field(alias="partner_id")
    reason: Optional[str] = Field(alias="reason")
    reference: Optional[str] = Field(alias="reference")
    sent_at: Optional[datetime.datetime] = Field(alias="sent_at")
    status: str = Field(alias="status")
    updated_at: datetime.datetime = Field(alias="updated_at")

class PublicPartnerLeadConversionsInsert(TypedDict):
    account_id: Annotated[str, Field(alias="account_id")]
    attempts: NotRequired[Annotated[int, Field(alias="attempts")]]
    channel: Annotated[str, Field(alias="channel")]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    due_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="due_at")]]
    finished_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="finished_at")]]
    happened_at: NotRequired[Annotated[datetime.datetime, Field(alias="happened_at")]]
    id: NotRequired[Annotated[int, Field(alias="id")]]
    lead_id: Annotated[uuid.UUID, Field(alias="lead_id")]
    partner_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="partner_id")]]
    reason: NotRequired[Annotated[Optional[str], Field(alias="reason")]]
    reference: NotRequired[Annotated[Optional[str], Field(alias="reference")]]
    sent_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="sent_at")]]
    status: NotRequired[Annotated[str, Field(alias="status")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]

class PublicPartnerLeadConversionsUpdate(TypedDict):
    account_id: NotRequired[Annotated[str, Field(alias="account_id")]]
    attempts: NotRequired[Annotated[int, Field(alias="attempts")]]
    channel: NotRequired[Annotated[str, Field(alias="channel")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    due_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="due_at")]]
    finished_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="finished_at")]]
    happened_at: NotRequired[Annotated[datetime.datetime, Field(alias="happened_at")]]
    id: NotRequired[Annotated[int, Field(alias="id")]]
    lead_id: NotRequired[Annotated[uuid.UUID, Field(alias="lead_id")]]
    partner_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="partner_id")]]
    reason: NotRequired[Annotated[Optional[str], Field(alias="reason")]]
    reference: NotRequired[Annotated[Optional[str], Field(alias="reference")]]
    sent_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="sent_at")]]
    status: NotRequired[Annotated[str, Field(alias="status")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]

class PublicPartnerLeadLooks(BaseModel):
    actor: str = Field(alias="actor")
    actor_id: Optional[uuid.UUID] = Field(alias="actor_id")
    created_at: datetime.datetime = Field(alias="created_at")
    id: uuid.UUID = Field(alias="id")
    lead_id: uuid.UUID = Field(alias="lead_id")
    looked_at: datetime.datetime = Field(alias="looked_at")
    partner_id: Optional[uuid.UUID] = Field(alias="partner_id")
    updated_at: datetime.datetime = Field(alias="updated_at")

class PublicPartnerLeadLooksInsert(TypedDict):
    actor: Annotated[str, Field(alias="actor")]
    actor_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="actor_id")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    lead_id: Annotated[uuid.UUID, Field(alias="lead_id")]
    looked_at: NotRequired[Annotated[datetime.datetime, Field(alias="looked_at")]]
    partner_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="partner_id")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]

class PublicPartnerLeadLooksUpdate(TypedDict):
    actor: NotRequired[Annotated[str, Field(alias="actor")]]
    actor_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="actor_id")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    lead_id: NotRequired[Annotated[uuid.UUID, Field(alias="lead_id")]]
    looked_at: NotRequired[Annotated[datetime.datetime, Field(alias="looked_at")]]
    partner_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="partner_id")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]

class PublicPartnerLeadSteps(BaseModel):
    actor: str = Field(alias="actor")
    actor_id: Optional[uuid.UUID] = Field(alias="actor_id")
    created_at: datetime.datetime = Field(alias="created_at")
    from_status: str = Field(alias="from_status")
    id: uuid.UUID = Field(alias="id")
    lead_id: uuid.UUID = Field(alias="lead_id")
    lost_reason: Optional[str] = Field(alias="lost_reason")
    partner_id: Optional[uuid.UUID] = Field(alias="partner_id")
    to_status: str = Field(alias="to_status")
    updated_at: datetime.datetime = Field(alias="updated_at")

class PublicPartnerLeadStepsInsert(TypedDict):
    actor: Annotated[str, Field(alias="actor")]
    actor_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="actor_id")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    from_status: Annotated[str, Field(alias="from_status")]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    lead_id: Annotated[uuid.UUID, Field(alias="lead_id")]
    lost_reason: NotRequired[Annotated[Optional[str], Field(alias="lost_reason")]]
    partner_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="partner_id")]]
    to_status: Annotated[str, Field(alias="to_status")]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]

class PublicPartnerLeadStepsUpdate(TypedDict):
    actor: NotRequired[Annotated[str, Field(alias="actor")]]
    actor_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="actor_id")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    from_status: NotRequired[Annotated[str, Field(alias="from_status")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    lead_id: NotRequired[Annotated[uuid.UUID, Field(alias="lead_id")]]
    lost_reason: NotRequired[Annotated[Optional[str], Field(alias="lost_reason")]]
    partner_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="partner_id")]]
    to_status: NotRequired[Annotated[str, Field(alias="to_status")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]

class PublicPartnerLeads(BaseModel):
    campaign_id: Optional[uuid.UUID] = Field(alias="campaign_id")
    channel: Optional[str] = Field(alias="channel")
    created_at: datetime.datetime = Field(alias="created_at")
    erased_at: Optional[datetime.datetime] = Field(alias="erased_at")
    external_campaign_id: Optional[str] = Field(alias="external_campaign_id")
    external_lead_id: Optional[str] = Field(alias="external_lead_id")
    first_campaign_id: Optional[uuid.UUID] = Field(alias="first_campaign_id")
    first_source: Optional[str] = Field(alias="first_source")
    id: uuid.UUID = Field(alias="id")
    is_test: bool = Field(alias="is_test")
    lost_reason: Optional[str] = Field(alias="lost_reason")
    outcome: str = Field(alias="outcome")
    page_id: Optional[uuid.UUID] = Field(alias="page_id")
    partner_id: Optional[uuid.UUID] = Field(alias="partner_id")
    reason: Optional[str] = Field(alias="reason")
    source: Optional[str] = Field(alias="source")
    status: str = Field(alias="status")
    submitted_at: datetime.datetime = Field(alias="submitted_at")
    updated_at: datetime.datetime = Field(alias="updated_at")

class PublicPartnerLeadsInsert(TypedDict):
    campaign_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="campaign_id")]]
    channel: NotRequired[Annotated[Optional[str], Field(alias="channel")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    erased_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="erased_at")]]
    external_campaign_id: NotRequired[Annotated[Optional[str], Field(alias="external_campaign_id")]]
    external_lead_id: NotRequired[Annotated[Optional[str], Field(alias="external_lead_id")]]
    first_campaign_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="first_campaign_id")]]
    first_source: NotRequired[Annotated[Optional[str], Field(alias="first_source")]]
    id: Annotated[uuid.UUID, Field(alias="id")]
    is_test: NotRequired[Annotated[bool, Field(alias="is_test")]]
    lost_reason: NotRequired[Annotated[Optional[str], Field(alias="lost_reason")]]
    outcome: NotRequired[Annotated[str, Field(alias="outcome")]]
    page_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="page_id")]]
    partner_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="partner_id")]]
    reason: NotRequired[Annotated[Optional[str], Field(alias="reason")]]
    source: NotRequired[Annotated[Optional[str], Field(alias="source")]]
    status: NotRequired[Annotated[str, Field(alias="status")]]
    submitted_at: NotRequired[Annotated[datetime.datetime, Field(alias="submitted_at")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]

class PublicPartnerLeadsUpdate(TypedDict):
    campaign_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="campaign_id")]]
    channel: NotRequired[Annotated[Optional[str], Field(alias="channel")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    erased_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="erased_at")]]
    external_campaign_id: NotRequired[Annotated[Optional[str], Field(alias="external_campaign_id")]]
    external_lead_id: NotRequired[Annotated[Optional[str], Field(alias="external_lead_id")]]
    first_campaign_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="first_campaign_id")]]
    first_source: NotRequired[Annotated[Optional[str], Field(alias="first_source")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    is_test: NotRequired[Annotated[bool, Field(alias="is_test")]]
    lost_reason: NotRequired[Annotated[Optional[str], Field(alias="lost_reason")]]
    outcome: NotRequired[Annotated[str, Field(alias="outcome")]]
    page_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="page_id")]]
    partner_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="partner_id")]]
    reason: NotRequired[Annotated[Optional[str], Field(alias="reason")]]
    source: NotRequired[Annotated[Optional[str], Field(alias="source")]]
    status: NotRequired[Annotated[str, Field(alias="status")]]
    submitted_at: NotRequired[Annotated[datetime.datetime, Field(alias="submitted_at")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]

class PublicPartnerMarketingCampaigns(BaseModel):
    ai_last_adjusted_at: Optional[datetime.datetime] = Field(alias="ai_last_adjusted_at")
    ai_managed: bool = Field(alias="ai_managed")
    avg_cpl: Optional[float] = Field(alias="avg_cpl")
    channel: str = Field(alias="channel")
    committed_budget: float = Field(alias="committed_budget")
    cpl_target: Optional[float] = Field(alias="cpl_target")
    created_at: datetime.datetime = Field(alias="created_at")
    daily_budget: Optional[float] = Field(alias="daily_budget")
    ended_at: Optional[datetime.datetime] = Field(alias="ended_at")
    external_campaign_id: Optional[str] = Field(alias="external_campaign_id")
    id: uuid.UUID = Field(alias="id")
    monthly_budget: Optional[float] = Field(alias="monthly_budget")
    partner_id: Optional[uuid.UUID] = Field(alias="partner_id")
    platform_status: Optional[str] = Field(alias="platform_status")
    platform_status_at: Optional[datetime.datetime] = Field(alias="platform_status_at")
    segment_id: Optional[uuid.UUID] = Field(alias="segment_id")
    spend_as_of: Optional[datetime.datetime] = Field(alias="spend_as_of")
    started_at: Optional[datetime.datetime] = Field(alias="started_at")
    status: str = Field(alias="status")
    total_clicks: int = Field(alias="total_clicks")
    total_impressions: int = Field(alias="total_impressions")
    total_leads: int = Field(alias="total_leads")
    total_spend: Optional[float] = Field(alias="total_spend")
    unpriced_spend: Optional[JsonValue] = Field(alias="unpriced_spend")
    updated_at: datetime.datetime = Field(alias="updated_at")

class PublicPartnerMarketingCampaignsInsert(TypedDict):
    ai_last_adjusted_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="ai_last_adjusted_at")]]
    ai_managed: NotRequired[Annotated[bool, Field(alias="ai_managed")]]
    avg_cpl: NotRequired[Annotated[Optional[float], Field(alias="avg_cpl")]]
    channel: Annotated[str, Field(alias="channel")]
    committed_budget: NotRequired[Annotated[float, Field(alias="committed_budget")]]
    cpl_target: NotRequired[Annotated[Optional[float], Field(alias="cpl_target")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    daily_budget: NotRequired[Annotated[Optional[float], Field(alias="daily_budget")]]
    ended_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="ended_at")]]
    external_campaign_id: NotRequired[Annotated[Optional[str], Field(alias="external_campaign_id")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    monthly_budget: NotRequired[Annotated[Optional[float], Field(alias="monthly_budget")]]
    partner_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="partner_id")]]
    platform_status: NotRequired[Annotated[Optional[str], Field(alias="platform_status")]]
    platform_status_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="platform_status_at")]]
    segment_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="segment_id")]]
    spend_as_of: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="spend_as_of")]]
    started_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="started_at")]]
    status: NotRequired[Annotated[str, Field(alias="status")]]
    total_clicks: NotRequired[Annotated[int, Field(alias="total_clicks")]]
    total_impressions: NotRequired[Annotated[int, Field(alias="total_impressions")]]
    total_leads: NotRequired[Annotated[int, Field(alias="total_leads")]]
    total_spend: NotRequired[Annotated[Optional[float], Field(alias="total_spend")]]
    unpriced_spend: NotRequired[Annotated[Optional[JsonValue], Field(alias="unpriced_spend")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]

class PublicPartnerMarketingCampaignsUpdate(TypedDict):
    ai_last_adjusted_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="ai_last_adjusted_at")]]
    ai_managed: NotRequired[Annotated[bool, Field(alias="ai_managed")]]
    avg_cpl: NotRequired[Annotated[Optional[float], Field(alias="avg_cpl")]]
    channel: NotRequired[Annotated[str, Field(alias="channel")]]
    committed_budget: NotRequired[Annotated[float, Field(alias="committed_budget")]]
    cpl_target: NotRequired[Annotated[Optional[float], Field(alias="cpl_target")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    daily_budget: NotRequired[Annotated[Optional[float], Field(alias="daily_budget")]]
    ended_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="ended_at")]]
    external_campaign_id: NotRequired[Annotated[Optional[str], Field(alias="external_campaign_id")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    monthly_budget: NotRequired[Annotated[Optional[float], Field(alias="monthly_budget")]]
    partner_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="partner_id")]]
    platform_status: NotRequired[Annotated[Optional[str], Field(alias="platform_status")]]
    platform_status_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="platform_status_at")]]
    segment_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="segment_id")]]
    spend_as_of: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="spend_as_of")]]
    started_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="started_at")]]
    status: NotRequired[Annotated[str, Field(alias="status")]]
    total_clicks: NotRequired[Annotated[int, Field(alias="total_clicks")]]
    total_impressions: NotRequired[Annotated[int, Field(alias="total_impressions")]]
    total_leads: NotRequired[Annotated[int, Field(alias="total_leads")]]
    total_spend: NotRequired[Annotated[Optional[float], Field(alias="total_spend")]]
    unpriced_spend: NotRequired[Annotated[Optional[JsonValue], Field(alias="unpriced_spend")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]

class PublicPartnerSegments(BaseModel):
    created_at: datetime.datetime = Field(alias="created_at")
    id: uuid.UUID = Field(alias="id")
    is_active: bool = Field(alias="is_active")
    is_primary: bool = Field(alias="is_primary")
    partner_id: uuid.UUID = Field(alias="partner_id")
    priority: int = Field(alias="priority")
    segment_id: uuid.UUID = Field(alias="segment_id")
    target_leads_per_week: Optional[int] = Field(alias="target_leads_per_week")
    updated_at: datetime.datetime = Field(alias="updated_at")

class PublicPartnerSegmentsInsert(TypedDict):
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    is_active: NotRequired[Annotated[bool, Field(alias="is_active")]]
    is_primary: NotRequired[Annotated[bool, Field(alias="is_primary")]]
    partner_id: NotRequired[Annotated[uuid.UUID, Field(alias="partner_id")]]
    priority: NotRequired[Annotated[int, Field(alias="priority")]]
    segment_id: Annotated[uuid.UUID, Field(alias="segment_id")]
    target_leads_per_week: NotRequired[Annotated[Optional[int], Field(alias="target_leads_per_week")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]

class PublicPartnerSegmentsUpdate(TypedDict):
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    is_active: NotRequired[Annotated[bool, Field(alias="is_active")]]
    is_primary: NotRequired[Annotated[bool, Field(alias="is_primary")]]
    partner_id: NotRequired[Annotated[uuid.UUID, Field(alias="partner_id")]]
    priority: NotRequired[Annotated[int, Field(alias="priority")]]
    segment_id: NotRequired[Annotated[uuid.UUID, Field(alias="segment_id")]]
    target_leads_per_week: NotRequired[Annotated[Optional[int], Field(alias="target_leads_per_week")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]

class PublicProfiles(BaseModel):
    auto_marketing_enabled: bool = Field(alias="auto_marketing_enabled")
    brand_color: Optional[str] = Field(alias="brand_color")
    created_at: datetime.datetime = Field(alias="created_at")
    id: uuid.UUID = Field(alias="id")
    is_admin: bool = Field(alias="is_admin")
    logo_url: Optional[str] = Field(alias="logo_url")
    marketing_mode: str = Field(alias="marketing_mode")
    monthly_marketing_budget: Optional[float] = Field(alias="monthly_marketing_budget")
    partner_slug: Optional[str] = Field(alias="partner_slug")
    preferred_channels: List[str] = Field(alias="preferred_channels")
    tone_of_voice: Optional[str] = Field(alias="tone_of_voice")
    updated_at: datetime.datetime = Field(alias="updated_at")

class PublicProfilesInsert(TypedDict):
    auto_marketing_enabled: NotRequired[Annotated[bool, Field(alias="auto_marketing_enabled")]]
    brand_color: NotRequired[Annotated[Optional[str], Field(alias="brand_color")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    id: Annotated[uuid.UUID, Field(alias="id")]
    is_admin: NotRequired[Annotated[bool, Field(alias="is_admin")]]
    logo_url: NotRequired[Annotated[Optional[str], Field(alias="logo_url")]]
    marketing_mode: NotRequired[Annotated[str, Field(alias="marketing_mode")]]
    monthly_marketing_budget: NotRequired[Annotated[Optional[float], Field(alias="monthly_marketing_budget")]]
    partner_slug: NotRequired[Annotated[Optional[str], Field(alias="partner_slug")]]
    preferred_channels: NotRequired[Annotated[List[str], Field(alias="preferred_channels")]]
    tone_of_voice: NotRequired[Annotated[Optional[str], Field(alias="tone_of_voice")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]

class PublicProfilesUpdate(TypedDict):
    auto_marketing_enabled: NotRequired[Annotated[bool, Field(alias="auto_marketing_enabled")]]
    brand_color: NotRequired[Annotated[Optional[str], Field(alias="brand_color")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    is_admin: NotRequired[Annotated[bool, Field(alias="is_admin")]]
    logo_url: NotRequired[Annotated[Optional[str], Field(alias="logo_url")]]
    marketing_mode: NotRequired[Annotated[str, Field(alias="marketing_mode")]]
    monthly_marketing_budget: NotRequired[Annotated[Optional[float], Field(alias="monthly_marketing_budget")]]
    partner_slug: NotRequired[Annotated[Optional[str], Field(alias="partner_slug")]]
    preferred_channels: NotRequired[Annotated[List[str], Field(alias="preferred_channels")]]
    tone_of_voice: NotRequired[Annotated[Optional[str], Field(alias="tone_of_voice")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]

class PublicBudgetPace(BaseModel):
    budget: Optional[float] = Field(alias="budget")
    channel: Optional[str] = Field(alias="channel")
    expected_at_end: Optional[float] = Field(alias="expected_at_end")
    expected_by_now: Optional[float] = Field(alias="expected_by_now")
    is_ahead: Optional[bool] = Field(alias="is_ahead")
    level: Optional[str] = Field(alias="level")
    month: Optional[datetime.date] = Field(alias="month")
    partner_id: Optional[uuid.UUID] = Field(alias="partner_id")
    partner_slug: Optional[str] = Field(alias="partner_slug")
    segment_id: Optional[uuid.UUID] = Field(alias="segment_id")
    spend_as_of: Optional[datetime.datetime] = Field(alias="spend_as_of")
    spent: Optional[float] = Field(alias="spent")

class PublicCampaignPerformance(BaseModel):
    avg_cpl: Optional[float] = Field(alias="avg_cpl")
    channel: str = Field(alias="channel")
    committed_budget: float = Field(alias="committed_budget")
    cpl_target: Optional[float] = Field(alias="cpl_target")
    external_campaign_id: Optional[str] = Field(alias="external_campaign_id")
    id: uuid.UUID = Field(alias="id")
    is_over_budget: Optional[bool] = Field(alias="is_over_budget")
    is_over_target: Optional[bool] = Field(alias="is_over_target")
    partner_slug: Optional[str] = Field(alias="partner_slug")
    platform_status: Optional[str] = Field(alias="platform_status")
    spend_as_of: Optional[datetime.datetime] = Field(alias="spend_as_of")
    spend_this_month: Optional[float] = Field(alias="spend_this_month")
    status: str = Field(alias="status")
    total_clicks: int = Field(alias="total_clicks")
    total_impressions: int = Field(alias="total_impressions")
    total_leads: int = Field(alias="total_leads")
    total_spend: Optional[float] = Field(alias="total_spend")
    unpriced_spend: Optional[JsonValue] = Field(alias="unpriced_spend")

class PublicLandingPagesInReview(BaseModel):
    content_hash: str = Field(alias="content_hash")
    id: uuid.UUID = Field(alias="id")
    is_update: Optional[bool] = Field(alias="is_update")
    partner_slug: Optional[str] = Field(alias="partner_slug")
    path: str = Field(alias="path")
    preview_path: Optional[str] = Field(alias="preview_path")
    publish_at: Optional[datetime.datetime] = Field(alias="publish_at")
    source: str = Field(alias="source")
    submitted_at: datetime.datetime = Field(alias="submitted_at")
    submitted_by: Optional[uuid.UUID] = Field(alias="submitted_by")
    submitted_version_id: Optional[uuid.UUID] = Field(alias="submitted_version_id")
    title: Optional[str] = Field(alias="title")
    unpublish_at: Optional[datetime.datetime] = Field(alias="unpublish_at")
    version: int = Field(alias="version")

class PublicLiveLandingPages(BaseModel):
    conversion_rate: Optional[float] = Field(alias="conversion_rate")
    conversions_count: int = Field(alias="conversions_count")
    has_update_in_review: Optional[bool] = Field(alias="has_update_in_review")
    id: uuid.UUID = Field(alias="id")
    last_viewed_at: Optional[datetime.datetime] = Field(alias="last_viewed_at")
    partner_slug: Optional[str] = Field(alias="partner_slug")
    path: str = Field(alias="path")
    published_at: Optional[datetime.datetime] = Field(alias="published_at")
    served_until: Optional[datetime.datetime] = Field(alias="served_until")
    template_version: Optional[str] = Field(alias="template_version")
    title: str = Field(alias="title")
    views_count: int = Field(alias="views_count")
