"""The phrases messages are made of, our own wording. By language: Chinese first, then English; by tone: unhappy,
neutral, happy."""

TOPICS = ("delivery", "refund", "quality", "invoice", "login", "price", "product", "service")

PRODUCTS_ZH = (
    "耳机",
    "保温杯",
    "手表",
    "充电宝",
    "咖啡机",
    "净化器",
    "台灯",
    "键盘",
    "办公椅",
    "投影仪",
    "音箱",
    "牙刷",
)
PRODUCTS_EN = (
    "headphones",
    "flask",
    "watch",
    "power bank",
    "coffee machine",
    "air purifier",
    "desk lamp",
    "keyboard",
    "office chair",
    "projector",
    "speaker",
    "toothbrush",
)

OPENINGS = (
    (
        (
            "又是我。",
            "我真的很生气。",
            "说实话很失望。",
            "已经是第几次了？",
            "你们到底管不管？",
            "客服在吗？等了半天没人理。",
        ),
        ("你好，", "您好，请问一下，", "在吗？", "麻烦帮我看一下，", "打扰了，", "有个问题想咨询，"),
        ("你好呀，", "辛苦了，", "一直在你们家买，", "客服小姐姐你好，", "老顾客了，", "先点个赞，"),
    ),
    (
        (
            "Me again.",
            "I am really upset.",
            "Honestly, this is disappointing.",
            "This is the third time I write.",
            "Is anybody there?",
            "I have been waiting for ages.",
        ),
        ("Hello,", "Hi there,", "Good morning,", "Quick question:", "Could you help me with something?", "Dear team,"),
        (
            "Hi all,",
            "Hello again, happy customer here.",
            "First of all, great shop!",
            "Dear friends,",
            "Good to talk to you.",
            "Hi, I love your store.",
        ),
    ),
)

MATTERS = {
    "delivery": (
        (
            (
                "订单{order}已经{days}天了还没到，太慢了！",
                "快递一直不动，物流太差劲了。",
                "说好三天到，结果拖了{days}天，非常不满意。",
                "包裹被扔在门口还破了，态度恶劣。",
                "{product}到现在没发货，你们是骗人的吗？",
            ),
            (
                "订单{order}什么时候能到？",
                "请问{product}发货了吗？",
                "能不能改一下收货地址？",
                "想查一下订单{order}的物流。",
                "周末可以送货吗？",
            ),
            (
                "{product}今天就收到了，物流很快，赞！",
                "发货速度真快，{days}天就到了，非常满意。",
                "快递小哥态度很好，谢谢！",
                "包装很用心，东西完好，喜欢。",
            ),
        ),
        (
            (
                "Order {order} is {days} days late, this is terrible.",
                "The parcel was left outside and arrived broken. Awful.",
                "Still no {product} after {days} days, very bad delivery.",
                "The courier was rude and the tracking is useless.",
            ),
            (
                "When will order {order} arrive?",
                "Has my {product} been shipped yet?",
                "Can I change the delivery address?",
                "Where can I see the tracking of order {order}?",
            ),
            (
                "The {product} came today, really fast delivery, thank you!",
                "Great shipping, only {days} days.",
                "The courier was very kind and everything arrived in perfect shape.",
            ),
        ),
    ),
    "refund": (
        (
            (
                "退款申请了{days}天还没到账，太离谱了！",
                "你们一直拖着不退款，我要投诉。",
                "退货被拒绝，理由莫名其妙，很失望。",
                "订单{order}的钱什么时候退给我？糟糕的服务！",
            ),
            ("想退掉{product}，怎么操作？", "订单{order}的退款多久到账？", "退货的运费谁出？", "可以只退其中一件吗？"),
            ("退款很快就到账了，谢谢。", "退换货很方便，处理得很好。", "{product}换了新的，服务周到，满意。"),
        ),
        (
            (
                "The refund for order {order} never came, horrible service.",
                "I asked for my money back {days} days ago. Nothing. Bad.",
                "My return was refused for no reason, I am angry.",
                "You keep delaying the refund, that is unacceptable.",
            ),
            (
                "How do I return the {product}?",
                "How long does the refund for order {order} take?",
                "Who pays for the return shipping?",
                "Can I return only one of the items?",
            ),
            (
                "The refund arrived quickly, thanks a lot.",
                "Easy return, well handled, great.",
                "You exchanged the {product} at once, wonderful service.",
            ),
        ),
    ),
    "quality": (
        (
            (
                "{product}用了{days}天就坏了，质量太差。",
                "收到的{product}是二手的吧？很脏，恶心。",
                "声音有杂音，做工粗糙，后悔买了。",
                "买的{product}跟图片完全不一样，失望。",
            ),
            (
                "{product}充不进电，怎么办？",
                "{product}保修多久？",
                "说明书上的第{days}步看不懂。",
                "{product}有配件可以单买吗？",
            ),
            ("{product}质量很好，比想象中好用。", "用了{days}天，没有任何问题，非常满意。", "做工精致，家人都喜欢。"),
        ),
        (
            (
                "The {product} broke after {days} days, poor quality.",
                "It looks used and dirty, disgusting.",
                "Bad noise, cheap material, I regret buying it.",
                "The {product} is nothing like the picture, a disappointment.",
            ),
            (
                "My {product} does not charge, what can I do?",
                "How long is the warranty of the {product}?",
                "I do not understand step {days} of the manual.",
                "Are there spare parts for the {product}?",
            ),
            (
                "The {product} is excellent, better than I hoped.",
                "Used it for {days} days, no problem at all, very happy.",
                "Beautiful work, my family loves it.",
            ),
        ),
    ),
    "invoice": (
        (
            (
                "发票开错了{days}次，太不专业了。",
                "要了{days}天的发票还没给，很不满。",
                "订单{order}金额对不上，你们乱收费！",
            ),
            (
                "订单{order}需要开增值税专用发票。",
                "发票抬头可以修改吗？",
                "请把订单{order}的电子发票发给我。",
                "对账单什么时候出？",
            ),
            ("发票很快收到了，信息都正确，谢谢。", "开票流程很顺，好评。"),
        ),
        (
            (
                "The invoice was wrong {days} times, how unprofessional.",
                "I wait for the invoice of order {order} since weeks, bad.",
                "The amount of order {order} is wrong, you overcharge!",
            ),
            (
                "We need a VAT invoice for order {order}.",
                "Can you change the company name on the invoice?",
                "Please send the statement for order {order}.",
                "When do you issue the monthly statement?",
            ),
            ("The invoice came at once and all correct, thank you.", "Smooth billing, well done."),
        ),
    ),
    "login": (
        (
            (
                "账号登不上去{days}天了，气死人。",
                "验证码一直收不到，系统太烂了。",
                "莫名其妙被封号，客服还不理人，差评。",
            ),
            (
                "忘记密码了，怎么找回？",
                "换了手机号，怎么修改绑定？",
                "收不到验证码，麻烦看一下。",
                "APP更新以后打不开，是什么原因？",
            ),
            ("账号已经恢复了，感谢帮忙！", "新版APP很好用，登录快多了。"),
        ),
        (
            (
                "I cannot log in for {days} days, this app is terrible.",
                "The code never arrives, your system is broken.",
                "My account was blocked for nothing and nobody answers, awful.",
            ),
            (
                "I forgot my password, how can I reset it?",
                "How do I change my phone number in the account?",
                "I do not receive the code, can you check?",
                "The app does not open after the update, why?",
            ),
            ("My account works again, thanks for the help!", "The new app is great, login is much faster."),
        ),
    ),
    "price": (
        (
            ("刚买完{product}就降价，感觉被坑了。", "优惠券用不了，虚假宣传！", "比别家贵这么多，太黑了。"),
            ("{product}最近有活动吗？", "两件可以打折吗？", "优惠券怎么用？", "会员价是多少？"),
            ("{product}价格实惠，性价比很高。", "活动力度很大，买得开心。", "优惠券用上了，省了不少，谢谢。"),
        ),
        (
            (
                "The {product} got cheaper right after I bought it, I feel cheated.",
                "The coupon does not work, false advertising!",
                "Much too expensive compared to others, a rip-off.",
            ),
            (
                "Is there a discount on the {product}?",
                "Is it cheaper if I take two?",
                "How do I use the coupon?",
                "What is the price for members?",
            ),
            (
                "The {product} is good value, I am pleased.",
                "Great deal, happy with it.",
                "The coupon worked, nice savings, thanks.",
            ),
        ),
    ),
    "product": (
        (
            (
                "{product}又缺货，每次都买不到，失望。",
                "介绍写得不清不楚，误导人。",
                "客服对{product}一问三不知，太差了。",
            ),
            (
                "{product}有黑色的吗？",
                "{product}和上一代有什么区别？",
                "请问{product}支持蓝牙吗？",
                "大概什么时候补货？",
                "适合老人用吗？",
            ),
            ("{product}太棒了，推荐给了朋友。", "又来回购{product}了，一如既往的好。"),
        ),
        (
            (
                "The {product} is out of stock again, disappointing.",
                "The description is misleading and bad.",
                "Nobody could tell me anything about the {product}, poor advice.",
            ),
            (
                "Do you have the {product} in black?",
                "What is the difference to the older {product}?",
                "Does the {product} support Bluetooth?",
                "When will it be back in stock?",
                "Is it suitable for elderly people?",
            ),
            (
                "The {product} is fantastic, I recommended it to friends.",
                "Bought the {product} again, as good as always.",
            ),
        ),
    ),
    "service": (
        (
            (
                "打了{days}次电话都没人接，服务太差！",
                "客服态度恶劣，我要投诉。",
                "问题反映了{days}天没人处理，再也不来了。",
                "机器人答非所问，人工又排不上，糟糕。",
            ),
            ("想反馈一个建议。", "请问人工客服几点上班？", "上次的问题有进展吗？", "请转给负责我的客户经理。"),
            ("客服耐心又专业，谢谢你们。", "问题解决得很快，给五星好评！", "服务热情，会继续支持。"),
        ),
        (
            (
                "I called {days} times and nobody picked up, terrible service!",
                "The agent was rude, I want to complain.",
                "My problem is ignored for {days} days, I am leaving.",
                "The bot is useless and there is no human, awful.",
            ),
            (
                "I would like to suggest something.",
                "When can I talk to a person?",
                "Any news on my last question?",
                "Please forward this to my account manager.",
            ),
            (
                "The agent was patient and friendly, thank you.",
                "Problem solved quickly, five stars!",
                "Wonderful support, I will stay with you.",
            ),
        ),
    ),
}

ENDS = (
    (
        ("请马上处理！", "再不解决我就退货了。", "给个说法！", "以后不会再买了。", "差评。", "你们自己看着办吧！"),
        ("谢谢。", "麻烦尽快回复。", "急用，谢谢！", "等你们消息。", "可以吗？", "辛苦了。"),
        ("谢谢！", "下次还来。", "祝生意兴隆！", "好评！", "继续加油。", "非常感谢。"),
    ),
    (
        ("Fix this now!", "Otherwise I will leave.", "I expect an explanation.", "Never again.", "Very unhappy."),
        (
            "Thanks.",
            "Please reply soon.",
            "It is a bit urgent.",
            "Best regards.",
            "Is that possible?",
            "Thank you in advance.",
        ),
        ("Thank you!", "See you next time.", "Keep up the good work.", "Many thanks.", "You are great."),
    ),
)

# What somebody who mixes languages throws in.
ASIDES = (
    ("真的 so disappointed.", "这个 service 太 bad 了。", "please 尽快 fix 一下！", "完全 not acceptable。"),
    (
        "帮忙 check 一下 order status。",
        "可以 email 我吗？",
        "我的 account 是同一个。",
        "FYI 地址没变。",
        "今天 deadline，谢谢。",
    ),
    ("真的很 nice！", "support team 很 helpful，谢谢。", "overall 体验 great。", "love it，下次还买。"),
)

EMOJI = (("😡", "😤", "💔", "🙄", "😞"), ("🙏", "🤔", "👀", "😊"), ("😊", "👍", "❤️", "🎉", "😍"))

ANSWER_OPENINGS = (
    ("您好，", "亲，您好，", "感谢您的来信，", "您好，很高兴为您服务，", "抱歉让您久等了，"),
    ("Hello,", "Dear customer,", "Thank you for your message.", "Hi, thanks for waiting.", "Sorry for the delay."),
)

ANSWERS = {
    "delivery": (
        ("已为您催促快递，预计明天送达。", "包裹在路上，今天下午派送。", "地址已修改，请放心。"),
        (
            "we have asked the courier, it should arrive tomorrow.",
            "your parcel is out for delivery today.",
            "the address is changed.",
        ),
    ),
    "refund": (
        ("退款已提交，三个工作日内到账。", "退货运费由我们承担，请把单号发来。", "已经为您换新，今天寄出。"),
        ("the refund is on its way, three working days.", "we pay the return shipping.", "a replacement leaves today."),
    ),
    "quality": (
        ("非常抱歉，给您补发一个新的。", "请长按电源键十秒再试。", "保修期两年，可以免费维修。"),
        (
            "we are sorry and send you a new one.",
            "please hold the power button for ten seconds.",
            "it has two years of warranty.",
        ),
    ),
    "invoice": (
        ("电子发票已发送到您的邮箱。", "抬头已修改，请查收。", "专票会在两天内寄出。"),
        (
            "the invoice is in your mailbox.",
            "the company name is corrected.",
            "the VAT invoice is sent within two days.",
        ),
    ),
    "login": (
        ("密码重置链接已发送。", "已经解除限制，请重新登录。", "请更新到最新版本再试。"),
        (
            "the reset link is sent.",
            "your account is unblocked, please log in again.",
            "please update to the latest version.",
        ),
    ),
    "price": (
        ("差价已退到您的账户。", "现在两件九折。", "优惠券已补发，请查看。"),
        (
            "we have paid back the difference.",
            "two pieces are ten percent off now.",
            "a new coupon is in your account.",
        ),
    ),
    "product": (
        ("有黑色，下周到货。", "新款续航更长，支持蓝牙。", "预计本月补货，到货通知您。"),
        (
            "black arrives next week.",
            "the new one has a longer battery life and Bluetooth.",
            "back in stock this month, we will tell you.",
        ),
    ),
    "service": (
        ("感谢您的反馈，已转给主管处理。", "人工客服早上八点上班。", "已为您转接专属经理。"),
        (
            "thank you for the feedback, our lead looks into it.",
            "people are here from eight in the morning.",
            "your manager will call.",
        ),
    ),
}

POOR_ANSWERS = (
    ("您的问题我们已记录，请耐心等待。", "这个不归我们部门负责。", "请参考帮助中心。", "系统显示正常，请再试试。"),
    (
        "your request has been recorded, please be patient.",
        "that is not our department.",
        "please see the help centre.",
        "our system shows no problem, please try again.",
    ),
)

# By campaign number, in turn.
CAMPAIGNS = (
    "【会员专享】本周精选商品满300减50，点击查看。退订回T",
    "Member week: 15 % off selected products until Sunday. Reply STOP to unsubscribe.",
    "【新品上市】新一代智能手表预约开启，前100名送表带。退订回T",
    "亲爱的会员，您有一张20元优惠券即将过期。退订回T",
    "Our autumn catalogue is here. See what is new. Unsubscribe at any time.",
    "【限时】会员日全场包邮，仅限今天。退订回T",
)
AUTO_REPLIES = (
    "您好，我们已收到您的留言，将在一个工作日内回复。（系统自动回复）",
    "Thank you, we received your message and answer within one working day. (automatic reply)",
)
CALLS_BY_REPS = (
    "回访：确认上次投诉的处理结果。",
    "例行回访：了解使用情况和近期需求。",
    "介绍新的会员方案。",
    "Courtesy call about the last order.",
)
COMMENTS = (
    ("希望能改进，现在体验很差。", "等太久了，不满意。", "Very slow, please improve.", "跟宣传的不一样，失望。"),
    ("还可以。", "一般般。", "It is okay.", "没有特别的感受。"),
    ("很满意，继续保持！", "Great, thank you.", "服务好，速度快。", "会推荐给朋友。"),
)
