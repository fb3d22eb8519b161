"""How the signs of Chinese names sound, without tones: 王伟 and 王玮 sound alike, and Wang Wei is how both are written.

The family names and the signs of given names that most people have; a name with another sign has no sound here.
"""

from __future__ import annotations

_SOUNDS = """
an:安鞍 ao:敖奥 ba:巴 bai:白柏百 ban:班 bang:邦 bao:包鲍宝保葆 bei:贝蓓北 ben:本 bi:毕碧璧 bian:卞边 biao:彪标
bin:斌彬宾滨缤 bing:冰兵炳丙秉 bo:波博勃伯泊 bu:卜步 cai:蔡才彩财采 can:灿 cao:曹操 cen:岑 chai:柴 chang:常昌畅长
chao:超潮朝晁 che:车 chen:陈晨辰臣琛沉宸陳谌 cheng:程成诚承城丞澄呈 chi:池驰迟 chong:崇 chu:楚褚储初 chuan:传川
chuang:创闯 chun:春纯淳 cong:从聪丛 cui:崔翠 da:达大 dai:戴代岱黛 dan:丹旦 dang:党 dao:道 de:德 deng:邓登鄧
di:迪狄 dian:典 die:蝶 ding:丁定鼎 dong:董东冬栋动 dou:窦 du:杜都 duan:段端 dun:敦 en:恩 er:尔 fa:发法
fan:范凡帆樊繁梵 fang:方芳房放舫 fei:飞菲费斐霏非妃 fen:芬奋 feng:冯峰丰凤风锋枫封奉馮 fu:付傅福富甫芙符夫
gai:盖 gan:甘干淦 gang:刚钢岗罡 gao:高皋 ge:葛戈歌格 gen:根 geng:耿庚更 gong:龚宫公功贡恭 gou:苟勾 gu:顾古谷固
guan:关管官冠观 guang:光广 gui:桂贵归 guo:郭国果過 hai:海亥 han:韩涵寒汉晗翰瀚函憨韓 hang:航杭 hao:郝浩豪昊皓好
he:何贺赫和荷鹤河禾 hei:黑 heng:恒衡亨 hong:洪红宏虹鸿弘泓 hou:侯厚後 hu:胡虎湖护 hua:华花桦化 huai:怀淮
huan:欢环焕桓 huang:黄皇凰煌黃 hui:惠慧辉会卉徽蕙晖绘 huo:霍 ji:吉季纪姬冀计记继济基骥 jia:贾佳家嘉加甲
jian:简建健坚剑俭鉴见 jiang:江姜蒋将疆蔣 jiao:焦娇姣骄教 jie:杰洁婕捷节介 jin:金晋锦进瑾津靳今劲
jing:景静晶京敬经婧菁靖井竞璟净 jiu:久九 ju:菊居巨鞠 juan:娟隽 jue:珏觉 jun:军俊君钧峻骏均 kai:凯开恺楷铠
kang:康亢 ke:柯可克科珂轲 kong:孔空 kuan:宽 kui:奎魁 kun:坤昆鲲 lai:赖来莱 lan:兰蓝岚澜览 lang:朗郎 lao:劳
le:乐 lei:雷蕾磊累 leng:冷 li:李丽黎力利立莉理礼黎励厉里璃 lian:连莲联廉恋 liang:梁良亮量 liao:廖辽 lie:列
lin:林琳霖麟临蔺 ling:玲凌灵令岭龄铃 liu:刘柳流六劉 long:龙隆 lou:娄楼 lu:卢陆路鲁鹿露芦璐禄吕律绿旅
luan:栾 lun:伦 luo:罗骆洛络羅 ma:马麻馬 man:满曼 mao:毛茂茅 mei:梅美媚玫枚 meng:孟梦萌蒙猛 mi:米
mian:绵 miao:苗妙淼 min:敏民闵珉旻 ming:明鸣铭名茗 mo:莫墨默 mou:牟 mu:穆木沐牧慕 na:娜那 nan:南楠男 ni:倪妮
nian:年 nie:聂 ning:宁凝 niu:牛 nuo:诺 ou:欧 pan:潘盘 pang:庞 pei:裴培沛佩 peng:彭鹏朋 pi:皮 pin:品
ping:平萍苹屏 pu:蒲朴普 qi:齐祁琪琦奇启其棋旗祺麒绮 qian:钱倩谦千乾茜前 qiang:强蔷 qiao:乔巧桥 qin:秦琴勤钦沁芹
qing:青庆清晴卿情擎 qiong:琼 qiu:邱秋丘球 qu:曲屈瞿 quan:全权泉 que:阙 qun:群 ran:冉然染 rao:饶 ren:任仁
rong:荣容蓉融戎 rou:柔 ru:茹如汝儒 ruan:阮 rui:瑞睿锐芮蕊 run:润 ruo:若 sa:萨 san:三 sen:森 sha:沙莎
shan:山善珊杉单 shang:尚商上 shao:邵少绍劭 she:佘 shen:沈申深慎莘 sheng:盛生胜圣升声笙 shi:石施史时世诗士师仕实
shou:寿守 shu:舒书淑树姝曙 shuai:帅 shuang:双爽霜 shui:水 shun:顺舜 shuo:硕朔 si:思司斯丝四 song:宋松颂 su:苏素肃
sui:隋岁 sun:孙孫 suo:索 tai:泰太邰 tan:谭谈檀坦 tang:唐汤堂棠 tao:陶涛桃韬滔 teng:滕腾 ti:提 tian:田天甜恬
tie:铁 ting:婷廷亭庭停 tong:童桐彤同通佟 tu:涂屠 wan:万婉宛莞 wang:王汪旺望 wei:伟魏韦卫威薇维炜玮巍蔚微唯惟未为葳
wen:文温闻雯稳 weng:翁 wo:沃 wu:吴武伍邬吾五舞吳 xi:席习西希熙喜曦夕溪锡奚 xia:夏霞侠下 xian:贤先仙显娴鲜宪
xiang:向项翔祥湘香想相 xiao:肖萧小晓笑筱孝霄潇箫蕭 xie:谢解协谐谢謝 xin:辛新欣鑫心昕馨信忻歆薪 xing:邢兴星幸行杏
xiong:熊雄 xiu:秀修 xu:徐许旭续须绪叙胥許 xuan:轩宣萱璇玄旋炫 xue:薛雪学 xun:荀勋迅寻 ya:雅亚娅
yan:严颜燕艳岩彦言妍晏延焰阎闫炎
yang:杨阳洋扬羊仰漾楊 yao:姚瑶遥尧耀 ye:叶业野烨晔葉 yi:易义艺伊怡宜毅依仪益逸一亦奕翼忆意轶
yin:尹殷银音茵印寅 ying:应英颖莹影盈瑛迎鹰樱 yong:永勇咏泳雍用 you:尤游友优佑幼有
yu:于余俞宇玉雨郁羽瑜语渝育钰煜虞喻誉禹
yuan:袁元苑媛圆远源园缘渊 yue:岳月悦越跃 yun:云韵芸允昀运 za:咱 zai:在 zan:赞 zang:臧 ze:泽则 zeng:曾增
zha:查 zhai:翟 zhan:詹占展战湛 zhang:张章彰璋張 zhao:赵照兆钊召昭趙 zhe:哲喆者 zhen:甄珍真振贞震镇臻
zheng:郑正征政铮鄭 zhi:志智芝之知直至治植枝稚 zhong:钟忠中仲众重 zhou:周舟洲 zhu:朱祝竹珠诸筑主 zhuan:专 zhuang:庄壮
zhuo:卓 zi:子紫姿梓自滋 zong:宗总 zou:邹 zu:祖 zuo:左佐
"""
_SOUND_OF = {sign: sound for entry in _SOUNDS.split() for sound, signs in [entry.split(":")] for sign in signs}


def sounds(name: str) -> tuple[str, ...] | None:
    """The sound of every sign of a name in Chinese signs; None where one of them isn't known here."""
    found = tuple(_SOUND_OF.get(sign, "") for sign in name)
    return found if found and all(found) else None
