"""The Lua scripts; each takes the keys of a collection, in the order of ``keys.PARTS``.

Timestamps are texts of whole numbers, exact up to 2**53: Lua has only doubles. JSON is never looked
into. What a write expects is a timestamp, ``''`` for none at all, or ``'*'`` for anything.
"""

from typing import Final

TIMESTAMP: Final = """
local timestamp = redis.call('GET', KEYS[1])
if not timestamp then
    timestamp = ARGV[1]
    redis.call('SET', KEYS[1], timestamp)
end
return timestamp
"""
"""Arguments: now. Answer: the collection's timestamp."""

# The rule is that of timestamps.next_stamp.
_STAMP: Final = """
local timestamp = redis.call('GET', KEYS[1])
local function stamp(given, now)
    local previous = tonumber(timestamp or nil)
    local of_record = tonumber(given)
    local of_collection = of_record
    if not of_record then
        of_record = tonumber(now)
        if previous then of_record = math.max(previous + 1, of_record) end
        of_collection = of_record
    elseif previous and of_record <= previous then
        of_collection = previous + 1
    end
    timestamp = string.format('%.0f', of_collection)
    redis.call('SET', KEYS[1], timestamp)
    return string.format('%.0f', of_record)
end
local function moved(expected, found)
    return expected ~= '*' and expected ~= (found or '')
end
local function ms_of(value)
    return value and string.match(value, '^%-?%d+')
end
"""

PUT: Final = (
    _STAMP
    + """
local id, text, given, now, of_collection, of_record = unpack(ARGV)
local existing = redis.call('HGET', KEYS[2], id)
if moved(of_collection, timestamp) or moved(of_record, ms_of(existing)) then
    return {0, timestamp, existing}
end
local ms = stamp(given, now)
redis.call('HSET', KEYS[2], id, ms .. ' ' .. text)
redis.call('ZADD', KEYS[3], ms, id)
redis.call('ZREM', KEYS[4], id)
return {1, ms}
"""
)
"""Arguments: id, JSON, given timestamp or '', now, what is expected of collection and record.

Answer: ``1, timestamp`` of the record; when it is not as expected ``0``, the collection's
timestamp, and the live record with the id.
"""

DELETE: Final = (
    _STAMP
    + """
local id, given, now, of_record, keep = unpack(ARGV)
local existing = redis.call('HGET', KEYS[2], id)
local current = ms_of(existing)
if not existing or moved(of_record, current) then return {0, current} end
given = tonumber(given)
if given and given <= tonumber(current) then given = nil end
local ms = stamp(given, now)
redis.call('HDEL', KEYS[2], id)
redis.call('ZREM', KEYS[3], id)
if keep == '1' then redis.call('ZADD', KEYS[4], ms, id) end
return {1, ms}
"""
)
"""Arguments: id, given timestamp or '', now, what is expected of the record, '1' to keep a tombstone.

Answer: ``1, timestamp`` of the tombstone; or ``0`` and the record's timestamp, none if it is not there.
"""

DELETE_ALL: Final = (
    _STAMP
    + """
local now, of_collection, keep = unpack(ARGV, 1, 3)
if moved(of_collection, timestamp) then return {0} end
local stamps = {1}
for place = 4, #ARGV do
    local id, ms = ARGV[place], stamp(nil, now)
    redis.call('HDEL', KEYS[2], id)
    redis.call('ZREM', KEYS[3], id)
    if keep == '1' then redis.call('ZADD', KEYS[4], ms, id) end
    stamps[#stamps + 1] = ms
end
return stamps
"""
)
"""Arguments: now, what is expected of the collection, '1' to keep tombstones, ids of live records.

Answer: ``1`` with the timestamps of the tombstones, or ``0``.
"""

READ: Final = """
local now, count_low, count_high, low, high, newest_first, count, edge, whole_ties, with_dead = unpack(ARGV)
local timestamp = redis.call('GET', KEYS[1])
if not timestamp and now ~= '' then
    timestamp = now
    redis.call('SET', KEYS[1], timestamp)
end

local function walk(key)
    local most = tonumber(count)
    if most == 0 then return {} end
    if most > 0 and edge ~= '' then most = most + redis.call('ZCOUNT', key, edge, edge) end
    local found
    if newest_first == '1' then
        found = redis.call('ZREVRANGEBYSCORE', key, high, low, 'WITHSCORES', 'LIMIT', 0, most)
    else
        found = redis.call('ZRANGEBYSCORE', key, low, high, 'WITHSCORES', 'LIMIT', 0, most)
    end
    if whole_ties == '1' and #found == 2 * most then
        local last = found[#found]
        while found[#found] == last do
            found[#found] = nil
            found[#found] = nil
        end
        for _, item in ipairs(redis.call('ZRANGEBYSCORE', key, last, last, 'WITHSCORES')) do
            found[#found + 1] = item
        end
    end
    return found
end

local function values()
    if count == '-1' and low == '-inf' and high == '+inf' then return redis.call('HVALS', KEYS[2]) end
    local found, result = walk(KEYS[3]), {}
    local ids = {}
    for place = 1, #found, 2 do ids[#ids + 1] = found[place] end
    for first = 1, #ids, 4000 do
        local some = redis.call('HMGET', KEYS[2], unpack(ids, first, math.min(first + 3999, #ids)))
        for _, value in ipairs(some) do result[#result + 1] = value end
    end
    return result
end

local total = redis.call('ZCOUNT', KEYS[3], count_low, count_high)
return {timestamp, total, values(), with_dead == '1' and walk(KEYS[4]) or {}}
"""
"""Arguments: now, to give the collection a timestamp if it has none, or ''; the span to count; the
span to read, '1' to begin with the newest, records to read from the beginning (-1: all), timestamp
of which all are read besides these or '', '1' to end with all of one timestamp, '1' for tombstones.

Answer: timestamp, number of live records in the span to count, values of live records, ids and
timestamps of tombstones by turns.
"""
