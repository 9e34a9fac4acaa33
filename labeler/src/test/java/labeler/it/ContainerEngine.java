package labeler.it;

import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.model.AccessMode;
import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.Image;
import com.github.dockerjava.api.model.Volume;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import labeler.needs.Need;
import org.testcontainers.DockerClientFactory;

/** The container engine, and the files that tests give to its containers. */
final class ContainerEngine {
    static final String DEBIAN = "debian:trixie-slim";

    private ContainerEngine() {}

    /** An engine that has the image. */
    static void require() {
        // The search for an unnamed engine takes a while. ./dev test names its own.
        boolean named = System.getenv("DOCKER_HOST") != null || Files.exists(Path.of("/var/run/docker.sock"));
        Need.require(
                named && DockerClientFactory.instance().isDockerAvailable(),
                "needs a container engine: ./dev test starts one, and sets DOCKER_HOST");
        boolean present = DockerClientFactory.lazyClient().listImagesCmd().exec().stream()
                .map(Image::getRepoTags)
                .filter(Objects::nonNull)
                .flatMap(Arrays::stream)
                .anyMatch(tag -> tag.equals(DEBIAN) || tag.endsWith("/" + DEBIAN));
        Need.require(present, "needs the image " + DEBIAN + " in the container engine: ./dev test makes it");
    }

    static Bind bind(Path host, String there, AccessMode mode) {
        return new Bind(host.toString(), new Volume(there), mode);
    }

    static void mount(CreateContainerCmd create, Bind... binds) {
        HostConfig config = Objects.requireNonNull(create.getHostConfig(), "Testcontainers sets one");
        create.withHostConfig(config.withBinds(binds));
    }
}
