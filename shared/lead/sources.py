"""What people call where a visit or a lead came from: the words of `public.visit_source`, in Dutch."""

SOURCES = {
    "google_ads": "Google Ads",
    "meta_ads": "Meta (Facebook, Instagram)",
    "linkedin_ads": "LinkedIn Ads",
    "tiktok_ads": "TikTok Ads",
    "microsoft_ads": "Microsoft Ads",
    "seo": "Zoekmachines",
    "email": "E-mail",
    "social": "Sociale media",
    "referral": "Andere sites",
    "direct": "Rechtstreeks",
    "other": "Overig",
}
