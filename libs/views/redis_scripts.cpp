#include "views/redis_scripts.hpp"

#include "base/encoding.hpp"
#include "crypto/hash.hpp"

namespace quicklime::views {

Script::Script(std::string_view text) : source(text), sha1(hex_encode(crypto::view(crypto::sha1(text)))) {}

void Script::add_to(Commands& commands, std::string_view command, Call call, const std::vector<std::string>& keys,
                    const std::vector<std::string>& words) const {
  const std::string count = std::to_string(keys.size());
  std::vector<std::string_view> all{command, call == Call::by_name ? sha1 : source, count};
  all.insert(all.end(), keys.begin(), keys.end());
  all.insert(all.end(), words.begin(), words.end());
  commands.add(all);
}

const Script& read_script() {
  static const Script script(R"lua(
local answer = {redis.call('HMGET', KEYS[1], 'generation', 'buckets', 'spaces', 'position', 'log_id', 'hash', 'chain', 'version',
                           'caught_up_at'), redis.call('TIME')}
if answer[1][1] ~= ARGV[1] then return answer end
local at_word = 2
for k = 2, #KEYS do
  if ARGV[at_word] == 'HGET' then
    answer[k + 1] = redis.pcall('HGET', KEYS[k], ARGV[at_word + 1])
    at_word = at_word + 2
  else
    local count = tonumber(ARGV[at_word + 1])
    answer[k + 1] = redis.pcall(ARGV[at_word], KEYS[k], unpack(ARGV, at_word + 2, at_word + 1 + count))
    at_word = at_word + 2 + count
  end
end
return answer
)lua");
  return script;
}

const Script& apply_script() {
  static const Script script(R"lua(
local at = redis.call('HMGET', KEYS[1], 'generation', 'position')
local generation, position = at[1] or '', at[2] or ''
if position ~= ARGV[1] or (position ~= '' and generation ~= ARGV[2]) then return {generation, position} end
local words = tonumber(ARGV[3])
local first = 4 + words
local at_word = first
for k = 2, #KEYS do
  local wanted = string.sub(ARGV[at_word], 1, 1) == 'H' and 'hash' or 'zset'
  local found = redis.call('TYPE', KEYS[k]).ok
  if found ~= wanted and found ~= 'none' then
    return redis.error_reply('WRONGTYPE the key ' .. KEYS[k] .. ' holds a ' .. found .. ' of somebody else')
  end
  at_word = at_word + 2 + tonumber(ARGV[at_word + 1])
end
at_word = first
for k = 2, #KEYS do
  local count = tonumber(ARGV[at_word + 1])
  redis.call(ARGV[at_word], KEYS[k], unpack(ARGV, at_word + 2, at_word + 1 + count))
  at_word = at_word + 2 + count
end
redis.call('HSET', KEYS[1], 'touched_at', redis.call('TIME')[1] .. '000', unpack(ARGV, 4, first - 1))
return 1
)lua");
  return script;
}

const Script& caught_up_script() {
  static const Script script(R"lua(
local at = redis.call('HMGET', KEYS[1], 'generation', 'position', 'current_since')
if at[1] ~= ARGV[1] or at[2] ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], 'caught_up_at', ARGV[3], 'current_since', at[3] or ARGV[3])
return 1
)lua");
  return script;
}

const Script& switch_script() {
  static const Script script(R"lua(
local function parts(position)
  local epoch, offset = string.match(position, '^(%d+)%.(%d+)$')
  return tonumber(epoch), tonumber(offset)
end
local at = redis.call('HMGET', KEYS[1], 'generation', 'position')
if at[1] ~= ARGV[1] or at[2] ~= ARGV[2] then return 0 end
local was = redis.call('HMGET', KEYS[2], 'generation', 'buckets', 'spaces', 'position')
if was[4] then
  local epoch, offset = parts(at[2])
  local old_epoch, old_offset = parts(was[4])
  if epoch < old_epoch or (epoch == old_epoch and offset < old_offset) then return 0 end
  redis.call('HGET', KEYS[3], was[1])
  redis.call('HSET', KEYS[3], was[1], ARGV[4] .. ' ' .. was[2] .. ' ' .. was[3])
end
redis.call('HSET', KEYS[1], 'caught_up_at', ARGV[3], 'current_since', ARGV[3])
redis.call('RENAME', KEYS[1], KEYS[2])
return 1
)lua");
  return script;
}

const Script& retire_script() {
  static const Script script(R"lua(
local was = redis.call('HMGET', KEYS[1], 'generation', 'buckets', 'spaces')
redis.call('HGET', KEYS[2], 'any')
if was[3] then redis.call('HSET', KEYS[2], was[1], ARGV[1] .. ' ' .. was[2] .. ' ' .. was[3]) end
return redis.call('DEL', KEYS[1])
)lua");
  return script;
}

}  // namespace quicklime::views
