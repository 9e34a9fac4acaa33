package labeler.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import labeler.linux.HostPath;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LibvirtDirectoriesTest {
    @TempDir
    private Path root = Path.of("/");

    private LibvirtDirectories directories = LibvirtDirectories.SYSTEM;

    @BeforeEach
    void prepare() {
        directories = new LibvirtDirectories(root);
    }

    private void write(String file, String text) throws IOException {
        Path path = root.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }

    private static List<String> texts(List<byte[]> files) {
        return files.stream()
                .map(bytes -> new String(bytes, StandardCharsets.UTF_8))
                .toList();
    }

    @Test
    void a_host_without_libvirt_has_nothing() {
        assertThat(directories.pool("p")).isEmpty();
        assertThat(directories.firmwareDescriptors()).isEmpty();
        assertThat(directories.settings()).isEmpty();
        assertThat(directories.hugePageMounts()).isEmpty();
    }

    @Test
    void descriptors_are_in_the_order_of_their_names_and_the_administrators_hide_others() throws IOException {
        write("usr/share/qemu/firmware/60-b.json", "b");
        write("usr/share/qemu/firmware/50-a.json", "a");
        write("usr/share/qemu/firmware/70-hidden.json", "h");
        write("usr/share/qemu/firmware/README", "no");
        write("etc/qemu/firmware/60-b.json", "B");
        write("etc/qemu/firmware/70-hidden.json", "");
        write("etc/qemu/firmware/10-first.json", "f");
        assertThat(texts(directories.firmwareDescriptors())).containsExactly("f", "a", "B");
    }

    @Test
    void a_pool_is_as_it_is_now() throws IOException {
        write("etc/libvirt/storage/p.xml", "defined");
        assertThat(directories.pool("p").map(String::new)).contains("defined");
        write("run/libvirt/storage/p.xml", "active");
        assertThat(directories.pool("p").map(String::new)).contains("active");
    }

    @Test
    void a_name_leads_to_no_other_directory() throws IOException {
        write("etc/libvirt/secret.xml", "secret");
        for (String name : List.of("../secret", "/etc/libvirt/secret", "", "..", "a/../../secret", "a\0b")) {
            assertThat(directories.pool(name)).as(name).isEmpty();
        }
    }

    @Test
    void what_is_no_file_or_too_long_is_as_good_as_absent() throws IOException {
        Files.createDirectories(root.resolve("etc/libvirt/qemu.conf"));
        assertThat(directories.settings()).isEmpty();
        write("etc/libvirt/storage/long.xml", "x".repeat((4 << 20) + 1));
        assertThat(directories.pool("long")).isEmpty();
    }

    @Test
    void huge_pages_are_where_the_kernel_says() throws IOException {
        write("proc/self/mounts", """
            sysfs /sys sysfs rw 0 0
            hugetlbfs /dev/hugepages hugetlbfs rw,pagesize=2M 0 0
            none /mnt/huge\\040pages hugetlbfs rw 0 0
            huge /dev/hugepages1G hugetlbfs rw,pagesize=1024M 0 0
            broken
            """);
        assertThat(directories.hugePageMounts())
                .containsExactly(HostPath.of("/dev/hugepages"), HostPath.of("/dev/hugepages1G"));
    }

    @Test
    void the_running_system_is_read() {
        assertThat(LibvirtDirectories.SYSTEM.hugePageMounts()).isNotNull();
        assertThat(LibvirtDirectories.SYSTEM.firmwareDescriptors()).isNotNull();
    }

    @Test
    void the_options_of_each_qemu_are_read() throws IOException {
        assertThat(directories.qemuOptions()).isEmpty();
        write("etc/qemu/qemu.conf", "[drive]");
        assertThat(directories.qemuOptions().map(String::new)).contains("[drive]");
    }

    @Test
    void a_network_is_as_it_is_now() throws IOException {
        assertThat(directories.network("n")).isEmpty();
        write("etc/libvirt/qemu/networks/n.xml", "defined");
        assertThat(directories.network("n").map(String::new)).contains("defined");
        write("run/libvirt/network/n.xml", "active");
        assertThat(directories.network("n").map(String::new)).contains("active");
    }
}
