package labeler.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import labeler.chain.ImageFormat;
import labeler.problem.Problem;
import labeler.selinux.Level;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that one VM only reads, and that no other VM may read. */
class SecretsTest {
    private static final String LEVEL = "s0:c1,c2";

    @AutoClose
    private final TestHost host;

    SecretsTest(@TempDir Path state) throws IOException {
        host = TestHost.withOverlays(state);
        List.of("/vm/key", "/vm/certificate", "/vm/memory").forEach(host::raw);
    }

    private static String image() {
        return TestHost.context(TestHost.SHARED)
                .at(Level.parse(LEVEL).orElseThrow())
                .toString();
    }

    private TestVm one(String... options) {
        return host.vm("one").qemu(options).level(LEVEL);
    }

    private void assertSecret(String path, String... options) {
        one(options).start();

        assertThat(host.label(path)).isEqualTo(image());
        assertThat(host.vm("two").qemu(options).refusal()).singleElement().satisfies(problem -> {
            assertThat(problem.kind()).isEqualTo(Problem.Kind.IN_USE);
            assertThat(problem.file()).map(Object::toString).contains(path);
            assertThat(problem.message()).contains("a secret of its own");
        });
        host.stop("one");
        assertThat(host.label(path)).isEqualTo("none");
        host.vm("two").qemu(options).start();
    }

    @Test
    void a_secret_is_at_its_vms_level_and_no_other_vm_gets_it() {
        assertSecret("/vm/key", "-object", "secret,id=s,file=/vm/key");
    }

    @Test
    void a_displays_key_is_a_secret_and_its_certificate_is_not() {
        assertSecret("/vm/key", "-spice", "x509-key-file=/vm/key,x509-cert-file=/vm/certificate");
        assertThat(host.label("/vm/certificate")).isEqualTo(TestHost.CONTENT);
    }

    @Test
    void a_saved_vm_is_a_secret_since_its_memory_is_in_it() {
        assertSecret("/vm/memory", "-incoming", "file:/vm/memory");
    }

    @Test
    void a_vm_may_use_its_secret_twice_and_as_something_else_that_it_reads() {
        one(
                        "-object",
                        "secret,id=s,file=/vm/key",
                        "-object",
                        "secret,id=t,file=/vm/key",
                        "-spice",
                        "x509-cert-file=/vm/key")
                .start();

        assertThat(host.label("/vm/key")).isEqualTo(image());
    }

    @Test
    void a_secret_that_the_vm_also_writes_contradicts_itself() {
        host.vm("one")
                .qemu("-object", "secret,id=s,file=/vm/key")
                .disk("/vm/key", ImageFormat.RAW)
                .isRefused(Problem.Kind.CONTRADICTION);
    }

    @Test
    void what_another_vm_only_reads_cannot_be_a_secret() {
        host.vm("two").qemu("-spice", "x509-cert-file=/vm/key").start();

        one("-object", "secret,id=s,file=/vm/key").isRefused(Problem.Kind.IN_USE);
    }

    @Test
    void a_pid_file_that_is_there_is_labelled_and_one_that_is_not_is_left_to_qemu() {
        one("-pidfile", "/vm/key").start();

        assertThat(host.label("/vm/key")).isEqualTo(image());
        host.vm("two").qemu("-pidfile", "/vm/absent").start();
        assertThat(host.kernel.status("/vm/absent")).isEmpty();
    }

    @Test
    void a_socket_or_a_pid_file_that_a_running_vm_makes_is_no_others() {
        for (List<String> options : List.of(
                List.of("-qmp", "unix:/vm/qmp,server=on"),
                List.of("-pidfile", "/vm/qmp"),
                List.of("-chardev", "pty,id=p,path=/vm/qmp"))) {
            host.vm("one").qemu(options.toArray(String[]::new)).start();

            host.vm("two").qemu("-monitor", "unix:/vm/qmp,server=on").isRefused(Problem.Kind.IN_USE);
            host.stop("one");
        }
        host.vm("two").qemu("-monitor", "unix:/vm/qmp,server=on").start();
    }
}
