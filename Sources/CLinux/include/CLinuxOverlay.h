#pragma once

/// How many lower layers one overlay can have. Source: Linux, `fs/overlayfs/params.h`, OVL_MAX_STACK.
enum { CLINUX_OVERLAY_LAYERS = 500 };

/// Mounts an overlay.
///
/// What fits into the page of options of mount(2) is mounted by it, as by every kernel. What does not is mounted by
/// fsopen(2), layer by layer, each by a descriptor: names stay short, so `mountinfo` does, which others read with limits.
///
/// - `lower`: the lower folders, highest first, each ended by NUL and the list by an empty one. Names may be relative.
/// - `upper`, `work`: folders of one file system, or both null for an overlay that is only read.
/// - `options`: others, separated by commas; may be null.
/// - `flags`: of mount(2), of MS_RDONLY, MS_NOSUID, MS_NODEV and MS_NOEXEC.
/// - returns 0, or -1 with `errno`. E2BIG: there are more than CLINUX_OVERLAY_LAYERS, or more than fit into a page and
///   the kernel is older than 6.7.
///
/// Source: Linux, Documentation/filesystems/overlayfs.rst, "Multiple lower layers": `lowerdir+`.
int clinux_mount_overlay(const char *lower, const char *upper, const char *work, const char *options, const char *target, unsigned long flags);
