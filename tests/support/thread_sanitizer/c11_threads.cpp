// Of the ThreadSanitizer build only: it knows pthreads and not C11's threads, with which librdkafka is built.

#include <pthread.h>
#include <threads.h>

#include <cerrno>
#include <cstdint>

namespace {

struct Start {
  thrd_start_t function;
  void* argument;
};

void* run(void* raw) {
  const Start start = *static_cast<Start*>(raw);
  delete static_cast<Start*>(raw);
  return reinterpret_cast<void*>(static_cast<std::intptr_t>(start.function(start.argument)));
}

pthread_mutex_t* mutex(mtx_t* it) { return reinterpret_cast<pthread_mutex_t*>(it); }
pthread_cond_t* condition(cnd_t* it) { return reinterpret_cast<pthread_cond_t*>(it); }
int outcome(int error) { return error == 0 ? thrd_success : error == ETIMEDOUT ? thrd_timedout : error == EBUSY ? thrd_busy : thrd_error; }

}  // namespace

extern "C" {

// It does not see either what librdkafka's atomics order.
const char* __tsan_default_suppressions() { return "called_from_lib:librdkafka.so\nrace:librdkafka.so\n"; }

int thrd_create(thrd_t* thread, thrd_start_t function, void* argument) noexcept {
  return outcome(pthread_create(thread, nullptr, run, new Start{function, argument}));
}
int thrd_join(thrd_t thread, int* result) {
  void* value = nullptr;
  const int error = pthread_join(thread, &value);
  if (result != nullptr) *result = static_cast<int>(reinterpret_cast<std::intptr_t>(value));
  return outcome(error);
}
int thrd_detach(thrd_t thread) noexcept { return outcome(pthread_detach(thread)); }

int mtx_init(mtx_t* it, int kind) noexcept {
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  if ((kind & mtx_recursive) != 0) pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
  return outcome(pthread_mutex_init(mutex(it), &attributes));
}
int mtx_lock(mtx_t* it) { return outcome(pthread_mutex_lock(mutex(it))); }
int mtx_trylock(mtx_t* it) noexcept { return outcome(pthread_mutex_trylock(mutex(it))); }
int mtx_unlock(mtx_t* it) noexcept { return outcome(pthread_mutex_unlock(mutex(it))); }
void mtx_destroy(mtx_t* it) noexcept { pthread_mutex_destroy(mutex(it)); }

int cnd_init(cnd_t* it) noexcept { return outcome(pthread_cond_init(condition(it), nullptr)); }
int cnd_signal(cnd_t* it) noexcept { return outcome(pthread_cond_signal(condition(it))); }
int cnd_broadcast(cnd_t* it) noexcept { return outcome(pthread_cond_broadcast(condition(it))); }
int cnd_wait(cnd_t* it, mtx_t* with) { return outcome(pthread_cond_wait(condition(it), mutex(with))); }
int cnd_timedwait(cnd_t* it, mtx_t* with, const timespec* until) {
  return outcome(pthread_cond_timedwait(condition(it), mutex(with), until));
}
void cnd_destroy(cnd_t* it) noexcept { pthread_cond_destroy(condition(it)); }
}
