// A service that never drops a connection of its own accord, for tests of what is in front of it.
//
//   GET /                      the text of its release file, on a connection that is kept alive
//   ANY /slow?seconds=5        the same, so much later
//   GET /socket                a WebSocket (RFC 6455) that echoes; its messages have at most 125 bytes
//   GET /events                server-sent events, one every 200 ms
//
// It ends at SIGTERM at once, with whatever it has in flight: whoever tells it to end too early is found out by its users.

#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { buffer_bytes = 16384, most_slow_seconds = 60, message_bytes = 125, stack_bytes = 128 << 10 };

static char release[64];
static int release_length;

struct connection {
    int socket;
    size_t length;
    char bytes[buffer_bytes + 1];
};

static void pause_for(long milliseconds) {
    struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000};
    while (nanosleep(&time, &time) < 0 && errno == EINTR) {}
}

static int send_all(int socket, const char *bytes, size_t length) {
    while (length > 0) {
        ssize_t sent = send(socket, bytes, length, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent <= 0) return -1;
        bytes += sent;
        length -= (size_t)sent;
    }
    return 0;
}

/// Reads until there are so many bytes; -1 at the end of the connection.
static int fill(struct connection *connection, size_t wanted) {
    while (connection->length < wanted) {
        if (wanted > buffer_bytes) return -1;
        ssize_t count = recv(connection->socket, connection->bytes + connection->length, buffer_bytes - connection->length, 0);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return -1;
        connection->length += (size_t)count;
    }
    return 0;
}

static void drop(struct connection *connection, size_t count) {
    connection->length -= count;
    memmove(connection->bytes, connection->bytes + count, connection->length);
}

/// The length of the next request's head; 0 at the end of the connection.
static size_t next_head(struct connection *connection) {
    for (;;) {
        char *end = memmem(connection->bytes, connection->length, "\r\n\r\n", 4);
        if (end) return (size_t)(end - connection->bytes) + 4;
        if (fill(connection, connection->length + 1) < 0) return 0;
    }
}

static size_t content_length(const char *head) {
    for (const char *line = head; (line = strstr(line, "\r\n")); line += 2)
        if (strncasecmp(line + 2, "content-length:", 15) == 0) return strtoul(line + 17, NULL, 10);
    return 0;
}

static int answer(int socket) {
    char text[256];
    int length = snprintf(text, sizeof text, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%s", release_length, release);
    return send_all(socket, text, (size_t)length);
}

static void echo(struct connection *connection) {
    static const char head[] = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                               "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
    if (send_all(connection->socket, head, sizeof head - 1) < 0) return;
    for (;;) {
        if (fill(connection, 6) < 0) return;
        unsigned char *frame = (unsigned char *)connection->bytes;
        size_t length = frame[1] & 127;
        int kind = frame[0] & 15;
        if (!(frame[1] & 128) || length > message_bytes || fill(connection, 6 + length) < 0) return;
        char reply[2 + message_bytes] = {(char)(frame[0] == 0x89 ? 0x8a : frame[0]), (char)length};
        for (size_t index = 0; index < length; index++) reply[2 + index] = (char)(frame[6 + index] ^ frame[2 + index % 4]);
        if (send_all(connection->socket, reply, 2 + length) < 0 || kind == 8) return;
        drop(connection, 6 + length);
    }
}

static void tell(int socket) {
    static const char head[] = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
    char event[128];
    int length = snprintf(event, sizeof event, "data: %.*s\n\n", release_length - 1, release);
    char chunk[192];
    length = snprintf(chunk, sizeof chunk, "%x\r\n%s\r\n", length, event);
    if (send_all(socket, head, sizeof head - 1) < 0) return;
    while (send_all(socket, chunk, (size_t)length) == 0) pause_for(200);
}

/// Returns whether the connection goes on.
static int serve_next(struct connection *connection) {
    size_t length = next_head(connection);
    if (length == 0) return 0;
    char head[buffer_bytes + 1];
    memcpy(head, connection->bytes, length);
    head[length] = 0;
    drop(connection, length);
    char path[256] = "/";
    sscanf(head, "%*15s %255s", path);
    if (strncmp(path, "/socket", 7) == 0) return echo(connection), 0;
    if (strncmp(path, "/events", 7) == 0) return tell(connection->socket), 0;
    size_t body = content_length(head);
    if (fill(connection, body) < 0) return 0;
    drop(connection, body);
    long seconds = strncmp(path, "/slow?seconds=", 14) == 0 ? strtol(path + 14, NULL, 10) : 0;
    if (seconds > 0) pause_for(1000 * (seconds < most_slow_seconds ? seconds : most_slow_seconds));
    return answer(connection->socket) == 0;
}

static void *serve(void *argument) {
    struct connection *connection = argument;
    while (serve_next(connection)) {}
    close(connection->socket);
    free(connection);
    return NULL;
}

static void *accept_all(void *argument) {
    int listener = *(int *)argument;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, stack_bytes);
    for (;;) {
        int socket = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (socket < 0) continue;
        int one = 1;
        setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        struct connection *connection = malloc(sizeof *connection);
        if (!connection) { close(socket); continue; }
        connection->socket = socket;
        connection->length = 0;
        pthread_t thread;
        if (pthread_create(&thread, &attributes, serve, connection) != 0) serve(connection);
    }
    return NULL;
}

static int listen_on(unsigned short port) {
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 4096) < 0) {
        perror("listen");
        exit(1);
    }
    return listener;
}

static void read_release(const char *path) {
    FILE *file = fopen(path, "r");
    if (!file || !fgets(release, sizeof release, file)) {
        perror(path);
        exit(1);
    }
    release_length = (int)strlen(release);
    fclose(file);
}

int main(int count, char **arguments) {
    if (count != 3) {
        fprintf(stderr, "usage: steady PORT RELEASE-FILE\n");
        return 2;
    }
    sigset_t term;
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &term, NULL);
    signal(SIGPIPE, SIG_IGN);
    read_release(arguments[2]);
    int listener = listen_on((unsigned short)strtoul(arguments[1], NULL, 10));
    pthread_t thread;
    pthread_create(&thread, NULL, accept_all, &listener);
    int received;
    while (sigwait(&term, &received) != 0) {}
    return 0;
}
