/*
 * The load generator: one thread, epoll, non-blocking sockets, no library.
 * Compiled in memory by Bun's built-in C compiler (see load.ts), which brings
 * no system headers: so the few declarations needed are written out here.
 * Linux only, x86-64 and arm64.
 */
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;

struct timespec { long sec; long nsec; };
struct sockaddr_in { u16 family; u16 port; u32 addr; u8 zero[8]; };
#ifdef __x86_64__
struct epoll_event { u32 events; u32 index; u32 high; } __attribute__((packed));
#else
struct epoll_event { u32 events; u32 pad; u32 index; u32 high; };
#endif

int socket(int, int, int);
int bind(int, const struct sockaddr_in *, u32);
int connect(int, const struct sockaddr_in *, u32);
int setsockopt(int, int, int, const void *, u32);
int shutdown(int, int);
int close(int);
long send(int, const void *, unsigned long, int);
long recv(int, void *, unsigned long, int);
int epoll_create1(int);
int epoll_ctl(int, int, int, struct epoll_event *);
int epoll_wait(int, struct epoll_event *, int, int);
int clock_gettime(int, struct timespec *);
int nanosleep(const struct timespec *, struct timespec *);
int memcmp(const void *, const void *, unsigned long);
void *calloc(unsigned long, unsigned long);
int *__errno_location(void);

enum { STREAM_NONBLOCK = 1 | 04000, NOSIGNAL = 0x4000, EAGAIN = 11,
       EINPROGRESS = 115, ETIMEDOUT = 110, EPROTO = 71, EPIPE = 32 };
enum { IN = 1, OUT = 4, ADD = 1, MOD = 3 };
enum { ECHO, UPLOAD, CONNECT, HOLD, DOWNLOAD };

typedef struct { int fd; int sent; int got; int wantsOut; double asked; } Conn;

static u8 pattern[1 << 20], scratch[1 << 20];
static struct epoll_event events[1024];
static Conn *conns;
static int epfd, size, mode, nextSource;
static struct sockaddr_in server;
static double ops, bytes;

/* Round trips, counted by how long they took: TRIP_NS each, 0.1 s at most. */
enum { TRIP_NS = 100, TRIPS = 1 << 20 };
static u32 trips[TRIPS];

static double now(int clock) {
  struct timespec t;
  if (clock_gettime(clock, &t)) return -1;
  return t.sec * 1e9 + t.nsec;
}

/* The CPU time of another process, in ns: the kernel's own clock for it. */
static double cpuOf(int pid) { return now((~pid << 3) | 2); }

static void trip(double ns) {
  double at = ns / TRIP_NS;
  trips[at < 0 ? 0 : at >= TRIPS ? TRIPS - 1 : (int)at]++;
}

/* The time within which a part of the round trips ended, in ns. */
static double within(double part) {
  double wanted = ops * part, seen = 0;
  int i;
  for (i = 0; i < TRIPS; i++) if ((seen += trips[i]) >= wanted) break;
  return (i + 1) * (double)TRIP_NS;
}

static void watch(int op, int index, u32 wanted) {
  struct epoll_event e = {0};
  e.events = wanted;
  e.index = index;
  epoll_ctl(epfd, op, conns[index].fd, &e);
}

/* A new source address each time: TIME_WAIT must not use up the ports. */
static int open1(int index) {
  Conn *c = &conns[index];
  struct sockaddr_in from = {0};
  int one = 1;
  c->fd = socket(2, STREAM_NONBLOCK, 0);
  if (c->fd < 0) return *__errno_location();
  setsockopt(c->fd, 6, 1, &one, 4);  /* TCP_NODELAY */
  setsockopt(c->fd, 0, 24, &one, 4); /* IP_BIND_ADDRESS_NO_PORT */
  from.family = 2;
  nextSource = (nextSource + 1) % 250;
  from.addr = 127 | ((u32)(nextSource + 2) << 24);
  if (bind(c->fd, &from, sizeof from)) return *__errno_location();
  if (connect(c->fd, &server, sizeof server) &&
      *__errno_location() != EINPROGRESS) return *__errno_location();
  c->sent = c->got = 0;
  c->wantsOut = 1;
  watch(ADD, index, OUT | IN);
  return 0;
}

/* A download is asked for with one byte, and then only read. */
static int push(int index) {
  Conn *c = &conns[index];
  if (mode == DOWNLOAD) {
    long n = send(c->fd, pattern, 1, NOSIGNAL);
    if (n < 0 && *__errno_location() != EAGAIN) return *__errno_location();
    if (n < 0) return 0;
    c->wantsOut = 0;
    watch(MOD, index, IN);
    return 0;
  }
  if (mode == ECHO && c->sent == 0) c->asked = now(1);
  while (c->sent < size) {
    long n = send(c->fd, pattern + c->sent, size - c->sent, NOSIGNAL);
    if (n < 0) {
      int error = *__errno_location();
      if (error != EAGAIN) return error;
      if (!c->wantsOut) watch(MOD, index, IN | OUT);
      c->wantsOut = 1;
      return 0;
    }
    bytes += n;
    c->sent += n;
  }
  if (mode == UPLOAD) { /* stays writable; the next turn goes on */
    c->sent = 0;
    ops += 1;
    return 0;
  }
  if (c->wantsOut) watch(MOD, index, IN);
  c->wantsOut = 0;
  if (mode == CONNECT) shutdown(c->fd, 1);
  return 0;
}

static int pull(int index) {
  Conn *c = &conns[index];
  long n = recv(c->fd, scratch, sizeof scratch, 0);
  if (n < 0) return *__errno_location() == EAGAIN ? 0 : *__errno_location();
  if (n == 0) {
    if (mode != CONNECT || c->got != size) return EPIPE;
    close(c->fd);
    ops += 1;
    return open1(index);
  }
  if (c->got + n > size || memcmp(scratch, pattern + c->got, n)) return EPROTO;
  c->got += n;
  if (c->got < size || mode == CONNECT) return 0;
  ops += 1;
  if (mode == HOLD) return 0;
  trip(now(1) - c->asked);
  c->got = c->sent = 0;
  return push(index);
}

/* Reads what is there, and no more than two messages; nobody looks at it. */
static int drink(int index) {
  long n, most = 2 * (long)size;
  while (most > 0 && (n = recv(conns[index].fd, scratch, sizeof scratch, 0)) > 0) {
    bytes += n;
    most -= n;
    conns[index].got += n;
    while (conns[index].got >= size) { conns[index].got -= size; ops += 1; }
  }
  if (most > 0 && n == 0) return EPIPE;
  return most <= 0 || *__errno_location() == EAGAIN ? 0 : *__errno_location();
}

/* Readers that pause: each is asked again only after PAUSE_NS. */
enum { PAUSE_NS = 1000 * 1000 };
static double paused;

static void pause1(void) {
  double until = paused + PAUSE_NS, t = now(1);
  struct timespec rest = {0};
  paused = t > until ? t : until;
  if (t >= until) return;
  rest.nsec = (long)(until - t);
  nanosleep(&rest, 0);
}

static int turn(void) {
  int i, error, n = epoll_wait(epfd, events, 1024, 100);
  for (i = 0; i < n; i++) {
    int index = events[i].index;
    u32 what = events[i].events;
    /* A connection under way is OUT when it stands; errors show in send. */
    if (conns[index].wantsOut && (what & ~IN) && (error = push(index)))
      return error;
    if ((what & IN) && (error = (mode == DOWNLOAD ? drink : pull)(index)))
      return error;
  }
  if (mode == DOWNLOAD) pause1();
  return 0;
}

/* Runs until the time is over or nothing happened for five seconds. */
static int runFor(double ms) {
  double start = now(1), last = start, seen = bytes + ops, t;
  while ((t = now(1)) - start < ms * 1e6) {
    int error = turn();
    if (error) return error;
    if (bytes + ops != seen) { seen = bytes + ops; last = t; }
    else if (t - last > 5e9) return ETIMEDOUT;
  }
  return 0;
}

static int hold(int count) {
  int i, error, opened = 0;
  double last = now(1), seen = 0;
  while (ops < count) {
    for (i = 0; i < 64 && opened < count && opened - ops < 64; i++)
      if ((error = open1(opened++))) return error;
    if ((error = turn())) return error;
    if (ops != seen) { seen = ops; last = now(1); }
    else if (now(1) - last > 5e9) return ETIMEDOUT;
  }
  return 0;
}

static int start(int how, int port, int count, int messageBytes) {
  int i;
  mode = how;
  size = messageBytes;
  for (i = 0; i < (int)sizeof pattern; i++) pattern[i] = i * 31 + (i >> 8);
  conns = calloc(count, sizeof(Conn));
  epfd = epoll_create1(0);
  server.family = 2;
  server.port = (u16)(port >> 8 | port << 8);
  server.addr = 127 | 1u << 24;
  return 0;
}

/* out: ops, bytes, ns, server's CPU ns, own CPU ns; of round trips the median
   and the 99th percentile in ns. Returns an errno or 0. */
int load(int how, int port, int pid, int count, int messageBytes, int warmMs,
         int measureMs, double *out) {
  int i, error;
  start(how, port, count, messageBytes);
  if (how == HOLD) return hold(count);
  for (i = 0; i < count; i++) if ((error = open1(i))) return error;
  if ((error = runFor(warmMs))) return error;
  ops = bytes = 0;
  for (i = 0; i < TRIPS; i++) trips[i] = 0;
  out[2] = now(1);
  out[3] = cpuOf(pid);
  out[4] = now(2);
  error = runFor(measureMs);
  out[2] = now(1) - out[2];
  out[3] = cpuOf(pid) - out[3];
  out[4] = now(2) - out[4];
  out[0] = ops;
  out[1] = bytes;
  out[5] = within(0.5);
  out[6] = within(0.99);
  return error;
}
