package labeler.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import labeler.api.StartBody.Source;
import labeler.arguments.PathConverter;
import labeler.arguments.RawArguments;
import labeler.linux.HostPath;
import labeler.problem.IoReason;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The source of a VM's definition. The command line stands after the VM's name, so each command has both: picocli takes no
 * mixin whose arguments begin with the second.
 */
final class DefinitionOptions {
    /** The service takes 4 MiB. JSON may need more room than the XML. */
    private static final int MAXIMUM_XML = 4 << 20;

    private static final HostPath STANDARD_INPUT = HostPath.of("-");

    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec spec;

    @Option(
            names = "--domain-xml",
            paramLabel = "FILE",
            converter = PathConverter.class,
            description = "A libvirt domain XML; - for standard input.")
    private @Nullable HostPath domainXml;

    boolean isGiven(List<String> argv) {
        return domainXml != null || !argv.isEmpty();
    }

    /**
     * The definition as given. If its file cannot be read, this says so and returns empty.
     *
     * @throws ParameterException if there is none, or more than one
     */
    Optional<Source> source(Surroundings surroundings, List<String> argv) {
        Optional<HostPath> file = Optional.ofNullable(domainXml);
        if (file.isPresent() == !argv.isEmpty()) {
            throw new ParameterException(
                    Objects.requireNonNull(spec).commandLine(),
                    "a VM needs --domain-xml FILE, or -- and its qemu command line, and not both");
        }
        if (file.isEmpty()) {
            return Optional.of(Source.commandLine(
                    argv.stream().map(RawArguments::bytes).toList(),
                    surroundings.host().workingDirectory()));
        }
        try {
            return Optional.of(Source.domainXml(read(file.get())));
        } catch (IOException e) {
            surroundings.terminal().complain(file.get() + ": " + IoReason.of(e));
            return Optional.empty();
        }
    }

    private static byte[] read(HostPath file) throws IOException {
        if (file.equals(STANDARD_INPUT)) {
            // Left open: where it was closed before, its number is of a file that the JVM has mapped.
            return read(System.in);
        }
        try (InputStream in = Files.newInputStream(file.jdkPath())) {
            return read(in);
        }
    }

    private static byte[] read(InputStream in) throws IOException {
        byte[] bytes = in.readNBytes(MAXIMUM_XML + 1);
        if (bytes.length > MAXIMUM_XML) {
            throw new IOException("larger than " + MAXIMUM_XML + " bytes, so hardly a domain XML");
        }
        return bytes;
    }
}
