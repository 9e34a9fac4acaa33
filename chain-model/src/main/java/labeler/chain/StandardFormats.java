package labeler.chain;

import java.util.List;
import labeler.chain.format.FormatReaders;
import labeler.chain.format.qcow2.Qcow2Reader;
import labeler.chain.format.raw.RawReader;

/** The one list of the formats that come with this module. */
public final class StandardFormats {
    private StandardFormats() {}

    public static FormatReaders readers() {
        return new FormatReaders(List.of(new RawReader(), new Qcow2Reader()));
    }
}
