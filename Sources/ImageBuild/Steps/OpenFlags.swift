/// Opens a file for looking at it only. Source: Linux, `include/uapi/asm-generic/fcntl.h`; glibc shows it to GNU sources only.
let O_PATH: CInt = 0o10000000
