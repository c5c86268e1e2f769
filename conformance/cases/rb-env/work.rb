class Work
  def self.show
    puts ENV["MINE"], ENV["WORD"] == "open-sesame"
  end
end
