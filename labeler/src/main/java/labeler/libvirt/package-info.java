/** Reads libvirt's own files on this host to which domains refer: pools, firmware, settings. */
@NullMarked
package labeler.libvirt;

import org.jspecify.annotations.NullMarked;
