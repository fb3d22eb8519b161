"""Where customers live and which rep looks after them. Reps are invented; cities and their coordinates are real."""

from dataclasses import dataclass

import numpy as np

from interactions.demo.arrays import Floats, Ints


@dataclass(frozen=True)
class City:
    """One city: name and region as the CRM writes them, degrees, its weight among customers and its sales team."""

    name: str
    region: str
    country: str
    latitude: float
    longitude: float
    weight: float
    team: str


CITIES = (
    City("北京", "北京市", "中国", 39.9042, 116.4074, 9.5, "north"),
    City("天津", "天津市", "中国", 39.0842, 117.2010, 3.2, "north"),
    City("石家庄", "河北省", "中国", 38.0428, 114.5149, 1.8, "north"),
    City("太原", "山西省", "中国", 37.8706, 112.5489, 1.2, "north"),
    City("济南", "山东省", "中国", 36.6512, 117.1201, 2.1, "north"),
    City("青岛", "山东省", "中国", 36.0671, 120.3826, 2.6, "north"),
    City("沈阳", "辽宁省", "中国", 41.8057, 123.4315, 1.8, "north"),
    City("大连", "辽宁省", "中国", 38.9140, 121.6147, 1.7, "north"),
    City("哈尔滨", "黑龙江省", "中国", 45.8038, 126.5350, 1.4, "north"),
    City("长春", "吉林省", "中国", 43.8171, 125.3235, 1.1, "north"),
    City("上海", "上海市", "中国", 31.2304, 121.4737, 11.0, "east"),
    City("南京", "江苏省", "中国", 32.0603, 118.7969, 3.6, "east"),
    City("苏州", "江苏省", "中国", 31.2989, 120.5853, 3.6, "east"),
    City("无锡", "江苏省", "中国", 31.4912, 120.3119, 1.7, "east"),
    City("杭州", "浙江省", "中国", 30.2741, 120.1551, 5.0, "east"),
    City("宁波", "浙江省", "中国", 29.8683, 121.5440, 2.0, "east"),
    City("合肥", "安徽省", "中国", 31.8206, 117.2272, 2.0, "east"),
    City("广州", "广东省", "中国", 23.1291, 113.2644, 6.8, "south"),
    City("深圳", "广东省", "中国", 22.5431, 114.0579, 7.4, "south"),
    City("东莞", "广东省", "中国", 23.0207, 113.7518, 2.0, "south"),
    City("佛山", "广东省", "中国", 23.0215, 113.1214, 1.6, "south"),
    City("厦门", "福建省", "中国", 24.4798, 118.0894, 2.0, "south"),
    City("福州", "福建省", "中国", 26.0745, 119.2965, 1.7, "south"),
    City("南宁", "广西壮族自治区", "中国", 22.8170, 108.3665, 1.3, "south"),
    City("海口", "海南省", "中国", 20.0440, 110.1983, 0.7, "south"),
    City("成都", "四川省", "中国", 30.5728, 104.0668, 5.2, "west"),
    City("重庆", "重庆市", "中国", 29.5630, 106.5516, 4.0, "west"),
    City("西安", "陕西省", "中国", 34.3416, 108.9398, 3.2, "west"),
    City("武汉", "湖北省", "中国", 30.5928, 114.3055, 3.8, "west"),
    City("长沙", "湖南省", "中国", 28.2282, 112.9388, 2.6, "west"),
    City("郑州", "河南省", "中国", 34.7466, 113.6253, 2.4, "west"),
    City("昆明", "云南省", "中国", 24.8801, 102.8329, 1.6, "west"),
    City("贵阳", "贵州省", "中国", 26.6470, 106.6302, 1.0, "west"),
    City("兰州", "甘肃省", "中国", 36.0611, 103.8343, 0.7, "west"),
    City("乌鲁木齐", "新疆维吾尔自治区", "中国", 43.8256, 87.6168, 0.6, "west"),
    City("Singapore", "Singapore", "Singapore", 1.3521, 103.8198, 1.0, "overseas"),
    City("Tokyo", "Kanto", "Japan", 35.6762, 139.6503, 0.7, "overseas"),
    City("Sydney", "New South Wales", "Australia", -33.8688, 151.2093, 0.5, "overseas"),
    City("London", "England", "United Kingdom", 51.5074, -0.1278, 0.5, "overseas"),
    City("San Francisco", "California", "United States", 37.7749, -122.4194, 0.6, "overseas"),
)


@dataclass(frozen=True)
class Rep:
    """A sales rep; `desk` is the quality their team adds to service, `priority` below 1 means sooner answers."""

    name: str
    team: str
    desk: float
    priority: float


REPS = (
    Rep("李文静", "north", 0.16, 0.9),
    Rep("赵建国", "north", 0.0, 1.0),
    Rep("孙晓梅", "north", 0.06, 1.0),
    Rep("周子涵", "east", 0.12, 0.85),
    Rep("吴佳琪", "east", 0.02, 1.0),
    Rep("郑志强", "east", -0.08, 1.15),
    Rep("陈思远", "south", 0.1, 0.95),
    Rep("黄丽华", "south", -0.02, 1.0),
    Rep("林浩然", "south", -0.38, 1.9),  # the team the manager should look at
    Rep("刘雨桐", "west", 0.06, 1.0),
    Rep("何俊杰", "west", -0.1, 1.2),
    Rep("Grace Miller", "overseas", 0.08, 1.1),
)


def draw_cities(rng: np.random.Generator, customers: int) -> Ints:
    """A city of CITIES for each customer, by weight."""
    weights = np.array([city.weight for city in CITIES])
    return rng.choice(len(CITIES), size=customers, p=weights / weights.sum()).astype(np.int64)


def draw_owners(rng: np.random.Generator, city: Ints) -> Ints:
    """A rep of REPS for each customer, from the team of its city."""
    owner = np.zeros(len(city), dtype=np.int64)
    teams = np.array([CITIES[index].team for index in city])
    for team in sorted({rep.team for rep in REPS}):
        members = np.array([index for index, rep in enumerate(REPS) if rep.team == team])
        there = np.flatnonzero(teams == team)
        owner[there] = rng.choice(members, size=len(there))
    return owner


def service_of(owner: Ints) -> tuple[Floats, Floats]:
    """What their rep's team means for customers: (desk, priority), each [customers]."""
    desk = np.array([rep.desk for rep in REPS])
    priority = np.array([rep.priority for rep in REPS])
    return np.asarray(desk[owner], dtype=np.float64), np.asarray(priority[owner], dtype=np.float64)
