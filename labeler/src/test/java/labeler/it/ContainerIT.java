package labeler.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.dockerjava.api.model.AccessMode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import labeler.json.Json.JsonObject;
import labeler.json.JsonReader;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.testcontainers.containers.Container.ExecResult;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.images.builder.ImageFromDockerfile;

/**
 * The runnable tree in a plain Debian with only a JDK, as a newcomer installs it. Also the service's socket, used from
 * within a container.
 */
class ContainerIT {
    /** The value of {@code LABELER_JAVA_HOME} there. */
    private static final String JDK = "/opt/jdk";

    private static final String TREE = "/opt/labeler";
    private static final String IMAGES = "/vm";
    private static final String SOCKET_DIRECTORY = "/run/labeler";

    @TempDir
    Path temporary;

    @BeforeEach
    void engine() {
        Machine.requireRootAnd("qemu-img", "getfattr", "setfattr");
        ContainerEngine.require();
    }

    @Test
    void chain_and_plan_work_without_a_service_in_the_c_locale_and_with_a_name_that_is_not_utf8() throws Exception {
        Images images = Images.in(temporary.resolve("images"));
        images.overlay("overlay", Path.of(images.raw("base").getFileName().toString()));
        try (GenericContainer<?> container =
                installed(new GenericContainer<>(ContainerEngine.DEBIAN), images.directory())) {
            container.start();
            // The byte 0xff is in no UTF-8 text, so the test cannot name it, and printf(1) makes it.
            String odd = "\"$(printf '/vm/odd\\377name')\"";
            shell(container, "cp /vm/overlay " + odd);

            JsonObject chain = json(shell(container, "labeler chain --format qcow2 --json " + odd));
            assertThat(chain.elements("nodes")).hasSize(2);
            JsonObject top = Reply.object(chain.elements("nodes").getFirst());
            assertThat(top.text("pathBase64"))
                    .contains(Base64.getEncoder()
                            .encodeToString("/vm/odd\u00ffname".getBytes(StandardCharsets.ISO_8859_1)));
            assertThat(top.text("path"))
                    .hasValueSatisfying(path -> assertThat(path).contains("\\xff"));
            assertThat(shell(container, "labeler chain --format qcow2 " + odd)).contains("odd\\xffname");

            JsonObject plan = json(shell(
                    container,
                    "labeler plan web1 --json -- qemu-system-x86_64 -M none -drive" + " if=none,id=d,format=qcow2,file="
                            + odd));
            assertThat(plan.text("state")).contains("planned");
            assertThat(plan.elements("files")).hasSize(2);
            assertThat(plan.text("level"))
                    .hasValueSatisfying(level -> assertThat(level).startsWith("s0:c"));

            ExecResult status = exec(container, "labeler status");
            assertThat(status.getExitCode()).as("no service").isEqualTo(5);
            assertThat(status.getStderr().lines()).hasSize(1);
        }
        assertThat(Attributes.of(images.directory()))
                .as("nothing is labelled by a plan")
                .isEmpty();
    }

    @Test
    void images_on_the_containers_own_root_are_read_there() throws Exception {
        Images images = Images.in(temporary.resolve("images"));
        images.overlay("overlay", Path.of(images.raw("base").getFileName().toString()));
        try (GenericContainer<?> container =
                installed(new GenericContainer<>(ContainerEngine.DEBIAN), images.directory())) {
            container.start();
            shell(container, "mkdir /srv/vm && cp /vm/base /vm/overlay /srv/vm/");

            JsonObject chain = json(shell(container, "labeler chain --json /srv/vm/overlay"));

            assertThat(chain.elements("nodes")).hasSize(2);
            assertThat(chain.elements("problems")).isEmpty();
        }
    }

    @Test
    void curl_in_a_container_is_judged_by_its_user() throws Exception {
        Path shared = Files.createDirectories(temporary.resolve("shared"));
        ImageFromDockerfile withCurl = new ImageFromDockerfile()
                .withDockerfileFromBuilder(builder -> builder.from(ContainerEngine.DEBIAN)
                        .run("apt-get update -qq && apt-get install -y -qq --no-install-recommends curl >/dev/null")
                        .build());
        try (ServiceFixture service = ServiceFixture.started(shared);
                GenericContainer<?> container = new GenericContainer<>(withCurl)
                        .withCreateContainerCmdModifier(create -> ContainerEngine.mount(
                                create, ContainerEngine.bind(shared, SOCKET_DIRECTORY, AccessMode.rw)))
                        .withCommand("sleep", "infinity")) {
            container.start();
            String curl = "curl -s -w ' %{http_code}' --unix-socket " + SOCKET_DIRECTORY + "/socket http://l/v1/health";

            assertThat(shell(container, curl)).contains("\"status\":\"ok\"").endsWith(" 200");
            // First the socket's mode stops the user nobody. With an open mode, the peer's credentials do.
            String asNobody = "setpriv --reuid=65534 --regid=65534 --clear-groups " + curl;
            assertThat(exec(container, asNobody).getExitCode()).isNotZero();
            Files.setPosixFilePermissions(service.socket(), PosixFilePermissions.fromString("rw-rw-rw-"));
            assertThat(shell(container, asNobody)).contains("NOT_PERMITTED").endsWith(" 403");
        }
    }

    private static GenericContainer<?> installed(GenericContainer<?> container, Path images) {
        return container
                .withCreateContainerCmdModifier(create -> ContainerEngine.mount(
                        create,
                        ContainerEngine.bind(ServiceFixture.DIST, TREE, AccessMode.ro),
                        ContainerEngine.bind(Path.of(System.getProperty("java.home")), JDK, AccessMode.ro),
                        ContainerEngine.bind(images, IMAGES, AccessMode.rw)))
                .withEnv("LABELER_JAVA_HOME", JDK)
                .withEnv("LC_ALL", "C")
                .withEnv("PATH", TREE + "/bin:/usr/sbin:/usr/bin:/sbin:/bin")
                .withCommand("sleep", "infinity");
    }

    private static ExecResult exec(GenericContainer<?> container, String command)
            throws IOException, InterruptedException {
        return container.execInContainer("sh", "-c", command);
    }

    private static String shell(GenericContainer<?> container, String command)
            throws IOException, InterruptedException {
        ExecResult ended = exec(container, command);
        assertThat(ended.getExitCode())
                .as("%s: %s%s", command, ended.getStdout(), ended.getStderr())
                .isZero();
        return ended.getStdout();
    }

    private static JsonObject json(String text) {
        if (new JsonReader().read(text.getBytes(StandardCharsets.UTF_8))
                instanceof JsonReader.Value(JsonObject object)) {
            return object;
        }
        throw new AssertionError("no JSON: " + text);
    }
}
