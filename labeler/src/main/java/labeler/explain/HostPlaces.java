package labeler.explain;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import labeler.linux.HostPath;

/** Places and types of the host that hold no disk of a VM (hier(7)). */
final class HostPlaces {
    private static final List<String> DIRECTORIES = List.of(
            "/etc/",
            "/usr/",
            "/bin/",
            "/sbin/",
            "/lib/",
            "/lib64/",
            "/boot/",
            "/proc/",
            "/sys/",
            "/root/",
            "/run/",
            "/var/run/",
            "/var/log/",
            "/var/lib/labeler/",
            "/dev/");

    /** Types that people give to images, and those of files that nobody gave a type. */
    private static final Set<String> TYPES_OF_DATA = Set.of(
            "virt_image_t",
            "virt_content_t",
            "svirt_image_t",
            "virt_var_lib_t",
            "images_t",
            "user_home_t",
            "user_tmp_t",
            "tmp_t",
            "default_t",
            "mnt_t",
            "unlabeled_t",
            "nfs_t",
            "cifs_t",
            "fusefs_t",
            "public_content_t",
            "public_content_rw_t",
            "var_t",
            "fixed_disk_device_t");

    private HostPlaces() {}

    static boolean isOfHost(HostPath path) {
        String text = new String(path.bytes(), StandardCharsets.ISO_8859_1) + "/";
        return DIRECTORIES.stream().anyMatch(text::startsWith);
    }

    static boolean isTypeOfData(String type) {
        return TYPES_OF_DATA.contains(type);
    }
}
