"""The sentences of the export form and of an export's page, in English and Chinese, by name."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "export_title": ("Export", "导出名单"),
    "export_make": ("Make the list", "生成名单"),
    "export_purpose": ("Purpose", "用途"),
    "export_purpose_marketing": ("Marketing: only who agreed to it", "营销：仅限已同意者"),
    "export_purpose_service": ("Service", "服务"),
    "export_format": ("File", "文件"),
    "export_note": (
        "{share} of the list are held out by chance as a control group, always the same people, so that what the list "
        "was good for can be measured.",
        "随机留出名单的 {share} 作为对照组，且每次都是同一批人，以便衡量名单的实际效果。",
    ),
    "export_download": ("Download the file", "下载文件"),
    "export_sent": ("In the file", "文件中"),
    "export_held_out": ("Control group", "对照组"),
    "export_without_consent": ("Left out, no consent", "未同意，未列入"),
    "export_matching": ("Match", "符合条件"),
    "export_what": ("What was sent", "发送记录"),
    "export_when": ("When", "时间"),
    "export_who": ("By", "操作者"),
    "export_campaign": ("Campaign", "活动"),
    "export_hash": ("SHA-256 of the file", "文件的 SHA-256"),
    "export_lift": ("What it was good for", "实际效果"),
    "export_lift_note": (
        "Share with a contact of their own or an order in the {days} days after the export, of those sent and of the "
        "control group.",
        "导出后 {days} 天内主动联系或下单的比例：已发送者与对照组。",
    ),
}
