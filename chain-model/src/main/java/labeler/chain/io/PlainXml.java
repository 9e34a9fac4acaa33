package labeler.chain.io;

import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/** XML from hostile places. No document type and no entity: with neither, XML is text and nothing else. */
public final class PlainXml {
    /** Elements within one another. The JDK allows a hundred, and libvirt writes a chain of two hundred layers so. */
    private static final String MOST_DEPTH = "300";

    private PlainXml() {}

    /** The text, which has to be UTF-8. */
    public static String utf8(byte[] bytes) throws CharacterCodingException {
        // Fast, and U+FFFD for each fault. A text that has one by right takes the slower way.
        String text = new String(bytes, StandardCharsets.UTF_8);
        return text.indexOf('\uFFFD') < 0
                ? text
                : StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(ByteBuffer.wrap(bytes))
                        .toString();
    }

    /** A reader of this text. */
    public static XMLStreamReader read(String text) throws XMLStreamException {
        XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        factory.setProperty(XMLInputFactory.IS_REPLACING_ENTITY_REFERENCES, false);
        factory.setProperty("jdk.xml.maxElementDepth", MOST_DEPTH);
        factory.setXMLResolver((publicId, systemId, base, namespace) -> {
            throw new XMLStreamException("an external entity");
        });
        return factory.createXMLStreamReader(new StringReader(text));
    }
}
