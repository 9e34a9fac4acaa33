package labeler.fileset;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import labeler.linux.HostPath;
import labeler.linux.fake.FakeLinux;
import org.junit.jupiter.api.Test;

/** What all VMs of a host have in common is left as it is: its keys, and its directories of huge pages. */
class CommonResourcesTest {
    private final FakeLinux kernel = new FakeLinux();

    private FileSet files(String... arguments) {
        return new FileSets(kernel.linux()).of(FileSets.qemu(arguments));
    }

    private static Optional<String> left(FileSet files, String path) {
        return files.files().stream()
                .filter(file -> file.path().equals(HostPath.of(path)))
                .findFirst()
                .orElseThrow()
                .leaveReason();
    }

    @Test
    void keys_that_libvirt_gives_to_all_vms_are_left_and_those_of_one_vm_are_not() {
        for (String directory : List.of("/etc/pki/libvirt-vnc", "/etc/pki/qemu", "/vm/keys")) {
            for (String name : List.of("ca-cert.pem", "server-cert.pem", "server-key.pem")) {
                kernel.file(directory + "/" + name, new byte[16]);
            }
            try (FileSet files = files("-object", "tls-creds-x509,id=t,endpoint=server,dir=" + directory)) {
                assertThat(files.problems()).isEmpty();
                assertThat(left(files, directory + "/server-key.pem").isPresent())
                        .as(directory)
                        .isEqualTo(directory.startsWith("/etc"));
            }
        }
    }

    @Test
    void memory_in_a_directory_is_a_file_without_a_name() {
        kernel.directory("/dev/hugepages");
        kernel.file("/vm/memory", new byte[4096]);
        try (FileSet files = files(
                "-object",
                "memory-backend-file,id=a,size=4K,mem-path=/dev/hugepages",
                "-object",
                "memory-backend-file,id=b,size=4K,mem-path=/vm/memory")) {
            assertThat(files.problems()).isEmpty();
            assertThat(left(files, "/dev/hugepages").orElseThrow()).contains("removes its name at once");
            assertThat(left(files, "/vm/memory")).isEmpty();
        }
    }

    @Test
    void a_place_where_the_host_takes_commands_is_no_vms() {
        for (String socket : List.of(
                "/run/docker.sock",
                "/run/podman/podman.sock",
                "/run/dbus/system_bus_socket",
                "/run/systemd/private",
                "/run/libvirt/virtqemud-sock",
                "/run/libvirt/libvirt-sock-ro",
                "/run/user/1000/bus")) {
            kernel.socket(socket);
            kernel.symbolicLink("/vm" + socket, socket);
            for (String name : List.of(socket, "/vm" + socket)) {
                try (FileSet files = files("-chardev", "socket,id=c,path=" + name)) {
                    assertThat(files.files()).as(name).isEmpty();
                    assertThat(files.problems())
                            .as(name)
                            .singleElement()
                            .satisfies(problem -> assertThat(problem.message())
                                    .contains("a service of the host", "leave it out", "-chardev"));
                }
            }
        }
    }

    @Test
    void a_helper_of_one_vm_listens_where_libvirt_has_it() {
        for (String socket : List.of(
                "/run/libvirt/qemu/swtpm/1-a-swtpm.sock",
                "/run/libvirt/qemu/passt/1-a-net0.socket",
                "/run/openvswitch/vhost-user1",
                "/vm/docker.sock")) {
            kernel.socket(socket);
            try (FileSet files = files("-chardev", "socket,id=c,path=" + socket)) {
                assertThat(files.problems()).as(socket).isEmpty();
                assertThat(left(files, socket)).as(socket).isEmpty();
            }
        }
        kernel.socket("/run/qemu-pr-helper.sock");
        try (FileSet files = files("-object", "pr-manager-helper,id=p,path=/run/qemu-pr-helper.sock")) {
            assertThat(left(files, "/run/qemu-pr-helper.sock")).isPresent();
        }
    }

    @Test
    void the_hosts_settings_of_ssh_stay_the_hosts() {
        kernel.file(HostPath.of("/etc/ssh/ssh_config"), new byte[16]);
        try (FileSet files = files("-drive", "file=ssh://h/x,format=raw")) {
            assertThat(files.problems()).isEmpty();
            assertThat(left(files, "/etc/ssh/ssh_config").orElseThrow()).contains("ssh");
            assertThat(files.files()).hasSize(1);
        }
    }

    @Test
    void a_braille_display_and_the_key_to_it_stay_the_hosts() {
        kernel.socket("/var/lib/BrlAPI/0");
        kernel.file(HostPath.of("/etc/brlapi.key"), new byte[16]);
        try (FileSet files = files("-chardev", "braille,id=b")) {
            assertThat(files.problems()).isEmpty();
            assertThat(left(files, "/var/lib/BrlAPI/0")).isPresent();
            assertThat(left(files, "/etc/brlapi.key")).isPresent();
        }
    }
}
