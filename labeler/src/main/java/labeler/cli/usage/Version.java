package labeler.cli.usage;

import labeler.config.ProgramVersion;
import picocli.CommandLine.IVersionProvider;

/** The text that {@code --version} prints. */
public final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
        return new String[] {"labeler " + ProgramVersion.text()};
    }
}
