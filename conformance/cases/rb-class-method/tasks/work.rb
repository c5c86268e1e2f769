class Work
  def self.show(n, word, other = "dflt")
    puts "#{n} #{n.class} #{word} #{other}"
  end
end
