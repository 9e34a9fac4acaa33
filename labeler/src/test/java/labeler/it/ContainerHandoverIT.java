package labeler.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.dockerjava.api.model.AccessMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.testcontainers.containers.GenericContainer;

/**
 * An unmodified qemu in a container without the images. The service is outside, and its descriptors come in through a
 * socket.
 */
class ContainerHandoverIT {
    private static final String VM = "web1";
    private static final String JDK = "/opt/jdk";
    private static final String TREE = "/opt/labeler";

    @TempDir
    Path temporary;

    @Test
    void a_chain_that_is_nowhere_in_the_container_is_read_and_written_there() throws Exception {
        Machine.requireRootAnd("qemu-system-x86_64", "qemu-img", "qemu-io");
        ContainerEngine.require();
        Path shared = Files.createDirectory(temporary.resolve("shared"));
        Monitor monitor = new Monitor(shared.resolve("run/vms").resolve(VM).resolve("monitor"));
        try (Mounted memory = Mounted.ramfs(temporary.resolve("memory"));
                ServiceFixture service = ServiceFixture.withHumanMonitor(shared)) {
            Images images = new Images(memory.directory());
            Path base = images.raw("base");
            Command.done("qemu-io", "-f", "raw", "-c", "write -P 171 0 64k", base.toString());
            Path top = images.overlay("top", base);
            try (GenericContainer<?> container = container(shared, command(service, monitor, top))) {
                container.start();
                monitor.await();

                assertThat(container
                                .execInContainer("ls", memory.directory().toString())
                                .getExitCode())
                        .as("the images are not there")
                        .isNotZero();
                assertThat(monitor.reads("disk", 171, 0, 64 << 10)).isTrue();
                assertThat(monitor.qemuIo("disk", "write -P 99 64k 64k")).contains("\"return\": \"\"");
                assertThat(service.get("/v1/vms/" + VM).ok().elements("files").stream()
                                .filter(file -> file.text("treatment").equals(Optional.of("pass"))))
                        .hasSize(2);
                monitor.quit();
            }
            service.awaitGone(VM);
            Command.done("qemu-io", "-c", "read -P 99 64k 64k", top.toString());
        }
    }

    private static String[] command(ServiceFixture service, Monitor monitor, Path top) {
        return Images.with(
                        Images.with(
                                List.of(
                                        TREE + "/bin/labeler",
                                        "run",
                                        "--socket",
                                        service.socket().toString(),
                                        VM,
                                        "--"),
                                Images.qemu("-drive", "if=none,id=disk,format=qcow2,file=" + top)),
                        monitor.options())
                .toArray(String[]::new);
    }

    /** A container with this host's programs, libraries, service socket and process numbers, which identify the VM. */
    private static GenericContainer<?> container(Path shared, String[] command) throws IOException {
        return new GenericContainer<>(ContainerEngine.DEBIAN)
                .withCreateContainerCmdModifier(create -> {
                    ContainerEngine.mount(
                            create,
                            ContainerEngine.bind(Path.of("/usr"), "/usr", AccessMode.ro),
                            ContainerEngine.bind(ServiceFixture.DIST, TREE, AccessMode.ro),
                            ContainerEngine.bind(Path.of(System.getProperty("java.home")), JDK, AccessMode.ro),
                            ContainerEngine.bind(shared, shared.toString(), AccessMode.rw));
                    Objects.requireNonNull(create.getHostConfig(), "Testcontainers sets one")
                            .withPidMode("host");
                })
                .withEnv("LABELER_JAVA_HOME", JDK)
                .withCommand(command);
    }
}
