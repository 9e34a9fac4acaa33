package labeler.policy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The files of this program. They get their labels by the policy's file contexts. No other files are touched. */
record OwnFiles(PolicyTarget target) {
    /** The places of the tree in the module's file contexts. */
    static final List<String> HOMES = List.of("/opt/labeler", "/usr/lib/labeler");

    private static final List<String> OTHERS = List.of(
            "/etc/labeler",
            "/var/cache/labeler",
            "/var/lib/labeler",
            "/run/labeler",
            "/etc/systemd/system/labelerd.service",
            "/etc/systemd/system/labelerd.socket",
            "/usr/lib/systemd/system/labelerd.service",
            "/usr/lib/systemd/system/labelerd.socket",
            "/etc/libvirt/hooks/qemu.d/labeler");

    private List<Path> present() {
        List<String> all = new ArrayList<>(HOMES);
        all.addAll(OTHERS);
        return all.stream()
                .map(target::at)
                .filter(path -> Files.exists(path, LinkOption.NOFOLLOW_LINKS))
                .toList();
    }

    /** The command that labels them; empty if there is nothing to label, or the kernel has no labels. */
    Optional<List<String>> restore() throws IOException {
        List<Path> present = present();
        if (present.isEmpty() || (target.root().isEmpty() && !target.isLive())) {
            return Optional.empty();
        }
        List<String> command = new ArrayList<>();
        if (target.root().isPresent()) {
            // restorecon(8) does nothing on a kernel without SELinux, and knows no other root directory.
            String root = target.root().get().toString();
            command.addAll(List.of("setfiles", "-F", "-r", root));
            command.add(target.at("/etc/selinux/" + target.policyType() + "/contexts/files/file_contexts")
                    .toString());
        } else {
            command.addAll(List.of("restorecon", "-R", "-F"));
        }
        present.forEach(path -> command.add(path.toString()));
        return Optional.of(command);
    }
}
