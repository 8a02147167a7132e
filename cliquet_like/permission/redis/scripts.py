"""The Lua scripts; no table is unpacked, for a call in Lua takes no more than some thousand arguments.

All keys are sorted sets with the score 0, whose members stand in the order of their bytes: those
that begin with a text are a stretch, of which the byte 255, which is not in UTF-8, marks the end.
"""

from typing import Final

ADD: Final = """
for place, key in ipairs(KEYS) do redis.call('ZADD', key, 0, ARGV[place]) end
"""
"""Arguments: a new member for each key."""

REMOVE: Final = """
for place, key in ipairs(KEYS) do redis.call('ZREM', key, ARGV[place]) end
"""
"""Arguments: a member to take from each key."""

_TAILS: Final = """
local function range(key, start, past)
    return redis.call('ZRANGEBYLEX', key, '[' .. start, '[' .. start .. past)
end
local function tails(key, start)
    local found = range(key, start, '\\255')
    for place, member in ipairs(found) do found[place] = string.sub(member, #start + 1) end
    return found
end
local function forget(key, start)
    redis.call('ZREMRANGEBYLEX', key, '[' .. start, '[' .. start .. '\\255')
end
local function halves(tail)
    local place = string.find(tail, '\\0', 1, true)
    return string.sub(tail, 1, place - 1), string.sub(tail, place + 1)
end
local function held(object_id, tail)
    local permission, principal = halves(tail)
    return principal .. '\\0' .. permission .. '\\0' .. object_id
end
"""

REMOVE_GROUP: Final = (
    _TAILS
    + """
local group = ARGV[1]
for _, user_id in ipairs(tails(KEYS[2], group .. '\\0')) do
    redis.call('ZREM', KEYS[1], user_id .. '\\0' .. group)
end
forget(KEYS[2], group .. '\\0')
"""
)
"""Keys: groups, members. Arguments: a group."""

DELETE: Final = (
    _TAILS
    + """
local deleted = {}
for place, object_id in ipairs(ARGV) do
    deleted[place] = tails(KEYS[1], object_id .. '\\0')
    for _, tail in ipairs(deleted[place]) do
        redis.call('ZREM', KEYS[2], held(object_id, tail))
    end
    forget(KEYS[1], object_id .. '\\0')
end
return deleted
"""
)
"""Keys: entries, held. Arguments: object ids. Answer: the entries that each of them had."""

# The rule is that of access.replaced. A full server refuses only the first write of a script, and
# never one that frees memory: so what is added comes first.
REPLACE: Final = (
    _TAILS
    + """
local object_id = ARGV[1]
local next_place = 2
local function following()
    local count, list = tonumber(ARGV[next_place]), {}
    for place = next_place + 1, next_place + count do list[#list + 1] = ARGV[place] end
    next_place = next_place + math.max(count, 0) + 1
    return count >= 0 and list
end
local function set_of(list)
    local set = {}
    for _, item in ipairs(list) do set[item] = true end
    return set
end
local function same(some, others)
    if #some ~= #others then return false end
    for place, item in ipairs(some) do
        if item ~= others[place] then return false end
    end
    return true
end

local names, wanted, expected = following(), following(), following()
local before = tails(KEYS[1], object_id .. '\\0')
if expected and not same(before, expected) then return before end
local is_wanted, is_given_up, had = set_of(wanted), names and set_of(names), set_of(before)
for _, tail in ipairs(wanted) do
    if not had[tail] then
        redis.call('ZADD', KEYS[1], 0, object_id .. '\\0' .. tail)
        redis.call('ZADD', KEYS[2], 0, held(object_id, tail))
    end
end
for _, tail in ipairs(before) do
    if not is_wanted[tail] and (not names or is_given_up[halves(tail)]) then
        redis.call('ZREM', KEYS[1], object_id .. '\\0' .. tail)
        redis.call('ZREM', KEYS[2], held(object_id, tail))
    end
end
return before
"""
)
"""Keys: entries, held. Arguments: an object id; three lists, each after its length or -1 for None:
names, wanted entries, expected entries in the order of their bytes.

Answer: the entries that it had.
"""

READ: Final = (
    _TAILS
    + """
local next_place = 1
local function following()
    local count, list = tonumber(ARGV[next_place]), {}
    for place = next_place + 1, next_place + count do list[#list + 1] = ARGV[place] end
    next_place = next_place + count + 1
    return list
end

local users, objects, principals = following(), following(), following()
local unless, among = following(), following()
local groups, entries, shared = {}, {}, {}
for _, user_id in ipairs(users) do
    groups = tails(KEYS[1], user_id .. '\\0')
    for _, group in ipairs(groups) do principals[#principals + 1] = group end
end
for place, object_id in ipairs(objects) do entries[place] = tails(KEYS[2], object_id .. '\\0') end
for _, pair in ipairs(unless) do
    for _, principal in ipairs(principals) do
        if redis.call('ZSCORE', KEYS[2], pair .. '\\0' .. principal) then
            return {groups, entries, shared}
        end
    end
end
for place = 1, #among, 3 do
    local permission, prefix, past = among[place], among[place + 1], among[place + 2]
    local found = {}
    for _, principal in ipairs(principals) do
        local start = principal .. '\\0' .. permission .. '\\0'
        for _, member in ipairs(range(KEYS[3], start .. prefix, past)) do
            found[#found + 1] = string.sub(member, #start + 1)
        end
    end
    shared[#shared + 1] = found
end
return {groups, entries, shared}
"""
)
"""Keys: groups, entries, held. Arguments: five lists, each after its length: no or one user, object
ids, principals, pairs that forbid an answer, and for each pair that is looked for a permission, how
the object ids begin, and the byte 255 if anything may follow or '' if not.

Answer: groups of the user, entries of each object, and object ids for each pair that is looked
for, none of them if a principal or a group of the user has a pair that forbids it.
"""
