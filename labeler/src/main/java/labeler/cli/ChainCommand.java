package labeler.cli;

import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import labeler.api.ApiJson;
import labeler.api.ChainAnswer;
import labeler.api.ExitCode;
import labeler.arguments.PlainArguments;
import labeler.arguments.RawArguments;
import labeler.chain.Access;
import labeler.chain.Chain;
import labeler.chain.ChainLimits;
import labeler.chain.ChainWalker;
import labeler.chain.FileName;
import labeler.chain.ImageFile;
import labeler.chain.ImageFormat;
import labeler.chain.ImageOpener;
import labeler.chain.ImageRequest;
import labeler.cli.option.Converters;
import labeler.cli.option.FormOptions;
import labeler.fileset.ImageLabels;
import labeler.view.ChainDot;
import labeler.view.ChainText;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "chain",
        description = "Shows all files that qemu would open for an image. Needs no service.",
        exitCodeList = {
            "0:complete and safe",
            "1:failed",
            "2:usage",
            "3:the image is unsafe or malformed, or a file is missing; the problems are listed"
        })
final class ChainCommand extends AbstractCommand implements Callable<Integer> {
    @Option(
            names = "--format",
            paramLabel = "FMT",
            converter = Converters.OfImageFormat.class,
            description = "The image's format, by qemu's name for it; detected and so reported by default.")
    private @Nullable ImageFormat format;

    @Mixin
    private final FormOptions form = new FormOptions();

    @Option(names = "--dot", description = "Print a graph in Graphviz' language, for dot -Tsvg.")
    private boolean dot;

    @Parameters(paramLabel = "IMAGE", converter = Converters.OfFileName.class, description = "The top image.")
    private @Nullable FileName image;

    @Spec
    private @Nullable CommandSpec spec;

    /** This command, if these are all its arguments. */
    static Optional<ChainCommand> of(PlainArguments arguments) {
        return arguments.onlyWord().filter(_ -> arguments.socket().isEmpty()).map(name -> {
            ChainCommand command = new ChainCommand();
            command.image = FileName.of(RawArguments.bytes(name));
            command.form.set(arguments.isJson());
            return command;
        });
    }

    @Override
    public Integer call() {
        if (dot && !form.form().isForPeople()) {
            throw new ParameterException(
                    Objects.requireNonNull(spec).commandLine(),
                    "--dot and --json (or -o) are two forms of one result: choose one");
        }
        FileName name = Optional.ofNullable(image).orElseThrow();
        return walk(host().images(), name);
    }

    private <F extends ImageFile> int walk(ImageOpener<F> opener, FileName name) {
        ImageRequest request = ImageRequest.followingHeaders(
                name,
                Optional.ofNullable(format)
                        .<ImageRequest.FormatChoice>map(ImageRequest.Declared::new)
                        .orElseGet(ImageRequest.Detect::new),
                Access.READ_WRITE,
                new ImageRequest.ProcessDirectory(FileName.of("")));
        try (Chain<F> chain = new ChainWalker<>(opener, ChainLimits.DEFAULT).walk(request)) {
            ImageLabels labels = host().labels();
            if (!form.form().isForPeople()) {
                form.form().print(terminal(), ApiJson.write(ChainAnswer.of(name, chain, labels)));
            } else if (dot) {
                terminal().print(new ChainDot(chain, labels).text());
                ChainText.problems(terminal(), chain);
            } else {
                new ChainText<>(terminal(), chain, labels).print();
                if (!chain.isComplete()) {
                    terminal()
                            .complain(ChainText.name(name) + ": incomplete or unsafe, "
                                    + chain.problems().size()
                                    + (chain.problems().size() == 1 ? " problem" : " problems"));
                }
            }
            return chain.isComplete() ? ExitCode.DONE : ExitCode.REFUSED;
        }
    }
}
