package labeler.chain.name;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import labeler.chain.FileName;

/**
 * A disk of Ceph by its name, {@code rbd:POOL/IMAGE:KEY=VALUE:…}. qemu hands each setting to Ceph's library, which knows
 * hundreds of them: files that it reads, writes and listens at are among them.
 *
 * @param settings behind the image, in their order; one that is no setting has an empty key
 */
public record RbdName(List<Setting> settings) {
    /** Bytes as characters, without the backslashes that protect a character. */
    public record Setting(String key, String value) {}

    /** Settings that name no file, and do not lead to one. */
    private static final Set<String> WITHOUT_FILES = Set.of(
            "id",
            "key",
            "mon_host",
            "auth_supported",
            "auth_client_required",
            "auth_cluster_required",
            "auth_service_required",
            "client_mount_timeout",
            "ms_client_mode",
            "rados_mon_op_timeout",
            "rados_osd_op_timeout",
            "rbd_cache",
            "rbd_cache_max_dirty",
            "rbd_cache_max_dirty_age",
            "rbd_cache_size",
            "rbd_cache_target_dirty",
            "rbd_cache_writethrough_until_flush");

    private static final String PREFIX = "rbd:";

    public RbdName {
        settings = List.copyOf(settings);
    }

    /**
     * Reads a name.
     *
     * @param name begins with {@code rbd:}
     */
    public static RbdName of(FileName name) {
        List<String> parts = parts(new String(name.bytes(), StandardCharsets.ISO_8859_1).substring(PREFIX.length()));
        return new RbdName(parts.stream().skip(1).map(RbdName::setting).toList());
    }

    public static boolean namesNoFile(Setting setting) {
        return WITHOUT_FILES.contains(setting.key());
    }

    /** Between colons that no backslash protects. The backslashes stay. */
    private static List<String> parts(String text) {
        List<String> parts = new ArrayList<>();
        int start = 0;
        for (int at = 0; at < text.length(); at++) {
            if (text.charAt(at) == '\\') {
                at++;
            } else if (text.charAt(at) == ':') {
                parts.add(text.substring(start, at));
                start = at + 1;
            }
        }
        parts.add(text.substring(start));
        return parts;
    }

    /** A key with a backslash is none that anybody writes, and none in the list. */
    private static Setting setting(String part) {
        int equals = part.indexOf('=');
        return equals < 0
                ? new Setting("", part)
                : new Setting(part.substring(0, equals), plain(part.substring(equals + 1)));
    }

    private static String plain(String text) {
        StringBuilder plain = new StringBuilder();
        for (int at = 0; at < text.length(); at++) {
            boolean isProtection = text.charAt(at) == '\\' && at + 1 < text.length();
            at += isProtection ? 1 : 0;
            plain.append(text.charAt(at));
        }
        return plain.toString();
    }
}
